import type { EmergencyKit } from '@tillsafe/engine'
import PDFDocument from 'pdfkit'
import { composeKit } from './compose-kit.ts'
import { drawBlock, heightOf } from './draw-block.ts'
import type { KitBlock } from './kit-block.ts'
import { CALM_SCALES, FONTS, type KitPen, MARGIN, SMALL_SCALES } from './kit-pen.ts'
import { toPrint } from './win-ansi.ts'

/**
 * Draws the emergency kit: one A4 page in the fonts that every reader of PDF has. What is too much for one page is set smaller,
 * then said shorter, and goes on on a second page after that: nothing is cut off.
 */
export function drawKit(kit: EmergencyKit): Promise<Buffer> {
  const { shop, madeAt, version } = kit
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    displayTitle: true,
    lang: 'en',
    info: {
      Title: `Emergency kit: ${shop.name}`,
      Author: shop.name,
      Creator: `Tillsafe ${version}`,
      CreationDate: new Date(madeAt),
    },
  })
  const bytes = collected(document)
  const pages = paged(kit, document)
  pages.forEach(({ pen, blocks: own }, index) => {
    document.addPage()
    let top: number = MARGIN.top
    for (const block of own) {
      drawBlock(block, top, pen)
      top += heightOf(block, pen)
    }
    drawFooter(`${toPrint(shop.name)}, emergency kit, page ${index + 1} of ${pages.length}`, pen)
  })
  document.end()
  return bytes
}

interface KitPage {
  readonly pen: KitPen
  readonly blocks: readonly KitBlock[]
}

/** The largest scale at which all is on one page; where it never is, a calm one on as many as it takes. */
function paged(kit: EmergencyKit, document: PDFKit.PDFDocument): readonly KitPage[] {
  const tries = [
    ...CALM_SCALES.map((scale) => ({ scale, length: 'full' }) as const),
    ...[...CALM_SCALES, ...SMALL_SCALES].map((scale) => ({ scale, length: 'brief' }) as const),
  ].map(({ scale, length }) => laidOut(composeKit(kit, length), { document, scale }))
  return tries.find((pages) => pages.length === 1) ?? laidOut(composeKit(kit, 'full'), { document, scale: 1 })
}

function laidOut(blocks: readonly KitBlock[], pen: KitPen): readonly KitPage[] {
  return split(blocks, pen).map((own) => ({ pen, blocks: own }))
}

/** A heading stays with what follows it, and a sentence with the line to type. */
function split(blocks: readonly KitBlock[], pen: KitPen): KitBlock[][] {
  const pages: KitBlock[][] = [[]]
  let top: number = MARGIN.top
  for (const [index, block] of blocks.entries()) {
    if (top + heightTogether(blocks.slice(index), pen) > MARGIN.bottom && pages.at(-1)?.length !== 0) {
      pages.push([])
      top = MARGIN.top
    }
    pages.at(-1)?.push(block)
    top += heightOf(block, pen)
  }
  return pages
}

function heightTogether([first, second, ...others]: readonly KitBlock[], pen: KitPen): number {
  if (first === undefined) {
    return 0
  }
  const stays = first.kind === 'heading' || (first.kind === 'text' && second?.kind === 'command')
  return heightOf(first, pen) + (stays && second !== undefined ? heightTogether([second, ...others], pen) : 0)
}

function drawFooter(text: string, { document }: KitPen): void {
  document
    .font(FONTS.text)
    .fontSize(8)
    .fillColor('#555')
    .text(text, MARGIN.left, MARGIN.bottom + 8, { lineBreak: false, width: MARGIN.width, ellipsis: true })
}

async function collected(document: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of document) {
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
