import sharp from 'sharp'
import type { Format, Picture } from './plan-pictures.ts'

/** The bytes of a planned file: a real picture, or what is left of one. */
export async function renderPicture({ kind, svg, format }: Picture): Promise<Buffer> {
  if (kind === 'empty') return Buffer.alloc(0)
  const whole = await encode(svg, format)
  return kind === 'truncated' ? whole.subarray(0, Math.floor(whole.length * 0.6)) : whole
}

function encode(svg: string, format: Format): Promise<Buffer> {
  const picture = sharp(Buffer.from(svg))
  switch (format) {
    case 'jpg':
      return picture.jpeg({ quality: 88 }).toBuffer()
    case 'png':
      return picture.png({ compressionLevel: 6 }).toBuffer()
    case 'webp':
      return picture.webp({ quality: 84, effort: 2 }).toBuffer()
    default:
      throw format satisfies never
  }
}
