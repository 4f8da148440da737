import { drawKey, keyHeight } from './draw-key.ts'
import type { KitBlock } from './kit-block.ts'
import { FONTS, type KitPen, MARGIN } from './kit-pen.ts'
import { typedLines } from './typed-lines.ts'
import { toPrint } from './win-ansi.ts'

/** A piece of text on the page: in what font, how large, with how much room above. */
interface Piece {
  readonly text: string
  readonly font: string
  readonly size: number
  readonly above: number
  readonly indent?: number
  readonly color?: string
}

/** How much of the page a block takes, the room above it with it. */
export function heightOf(block: KitBlock, pen: KitPen): number {
  if (block.kind === 'key') {
    return keyHeight(block.beside, pen)
  }
  return piecesOf(block, pen).reduce((sum, piece) => sum + piece.above * pen.scale + measure(piece, pen), 0)
}

export function drawBlock(block: KitBlock, top: number, pen: KitPen): void {
  if (block.kind === 'key') {
    drawKey(block, top, pen)
    return
  }
  if (block.kind === 'heading') {
    drawRule(top + 8 * pen.scale, pen)
  }
  let y = top
  for (const piece of piecesOf(block, pen)) {
    y += piece.above * pen.scale
    const { text, indent = 0, color = '#000' } = piece
    select(piece, pen)
      .fillColor(color)
      .text(text, MARGIN.left + indent, y, { width: MARGIN.width - indent })
    y += measure(piece, pen)
  }
}

function piecesOf(block: Exclude<KitBlock, { kind: 'key' }>, pen: KitPen): readonly Piece[] {
  switch (block.kind) {
    case 'title':
      return [
        { text: toPrint(block.above), font: FONTS.text, size: 10.5, above: 0, color: '#444' },
        { text: toPrint(block.text), font: FONTS.bold, size: 22, above: 3 },
      ]
    case 'heading':
      return [{ text: toPrint(block.text), font: FONTS.bold, size: 12.5, above: 16 }]
    case 'text':
      return [{ text: toPrint(block.text), font: FONTS.text, size: 10.5, above: 5 }]
    case 'place':
      return [
        { text: toPrint(`${block.name}: ${block.holds}`), font: FONTS.text, size: 10.5, above: 5 },
        typed(block.path, 1, pen),
      ]
    case 'command':
      return [typed(toPrint(block.text), 3, pen)]
    default:
      return block satisfies never
  }
}

const TYPED_SIZE = 10.5
const TYPED_INDENT = 14
/** Every character of Courier is this wide, in parts of its size. */
const COURIER_WIDTH = 0.6

/** Typed as it stands: the lines are broken here, where no blank is lost. */
function typed(text: string, above: number, { scale }: KitPen): Piece {
  const characters = Math.floor((MARGIN.width - TYPED_INDENT) / (TYPED_SIZE * scale * COURIER_WIDTH))
  const lines = typedLines(text, characters)
  return { text: lines.join('\n'), font: FONTS.typed, size: TYPED_SIZE, above, indent: TYPED_INDENT }
}

function measure(piece: Piece, pen: KitPen): number {
  return select(piece, pen).heightOfString(piece.text, { width: MARGIN.width - (piece.indent ?? 0) })
}

function select({ font, size }: Piece, { document, scale }: KitPen): PDFKit.PDFDocument {
  return document.font(font).fontSize(size * scale)
}

function drawRule(y: number, { document }: KitPen): void {
  document
    .moveTo(MARGIN.left, y)
    .lineTo(MARGIN.left + MARGIN.width, y)
    .lineWidth(0.5)
    .stroke('#999')
}
