import type { KitBlock } from './kit-block.ts'
import { FONTS, type KitPen, MARGIN } from './kit-pen.ts'
import { qrRuns } from './qr-runs.ts'
import { toPrint } from './win-ansi.ts'

const ABOVE = 12
const PADDING = 13
const QR_SIDE = 96
const BOX_HEIGHT = QR_SIDE + 2 * PADDING
const LABEL_SIZE = 10
const KEY_SIZE = 20
const NOTE_SIZE = 9.5

const NOTE =
  'One line, with the dashes, no blanks. After TILL there is no letter I, L, O or U: 1 is one, 0 is zero. The QR code says the same.'

/** How much of the page the box of the key takes. */
export function keyHeight(beside: string, pen: KitPen): number {
  return ABOVE * pen.scale + BOX_HEIGHT + 8 * pen.scale + besideHeight(beside, pen)
}

/** The recovery key in groups, never smaller than this, in a box with its QR code. */
export function drawKey({ key, beside }: KitBlock & { kind: 'key' }, top: number, pen: KitPen): void {
  const { document, scale } = pen
  const box = top + ABOVE * scale
  document.roundedRect(MARGIN.left, box, MARGIN.width, BOX_HEIGHT, 4).lineWidth(1.2).stroke('#000')
  const left = MARGIN.left + PADDING
  const width = MARGIN.width - 3 * PADDING - QR_SIDE
  document
    .font(FONTS.bold)
    .fontSize(LABEL_SIZE)
    .fillColor('#000')
    .text('RECOVERY KEY', left, box + PADDING)
  document.font(FONTS.typed).fontSize(KEY_SIZE).fillColor('#000')
  document.text(keyLines(key).join('\n'), left, box + PADDING + 18, { lineGap: 5, width })
  document.font(FONTS.text).fontSize(NOTE_SIZE).fillColor('#333')
  document.text(NOTE, left, document.y + 3, { width })
  drawQr(key, MARGIN.left + MARGIN.width - PADDING - QR_SIDE, box + PADDING, document)
  document
    .font(FONTS.bold)
    .fontSize(10.5 * scale)
    .fillColor('#000')
  document.text(toPrint(beside), MARGIN.left, box + BOX_HEIGHT + 8 * scale, { width: MARGIN.width })
}

/** Half of the groups on each line; the dash at the end of a line belongs to the key. */
function keyLines(key: string): string[] {
  const groups = key.split('-')
  const half = Math.ceil(groups.length / 2)
  return groups.length < 4 ? [key] : [`${groups.slice(0, half).join('-')}-`, groups.slice(half).join('-')]
}

function besideHeight(beside: string, { document, scale }: KitPen): number {
  return document
    .font(FONTS.bold)
    .fontSize(10.5 * scale)
    .heightOfString(toPrint(beside), { width: MARGIN.width })
}

function drawQr(text: string, left: number, top: number, document: PDFKit.PDFDocument): void {
  const { size, runs } = qrRuns(text)
  const side = QR_SIDE / size
  for (const { row, column, length } of runs) {
    document.rect(left + column * side, top + row * side, length * side, side)
  }
  document.fill('#000')
}
