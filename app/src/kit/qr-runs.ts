import { create } from 'qrcode'

/** A run of dark squares in a row of a QR code. */
export interface QrRun {
  readonly row: number
  readonly column: number
  readonly length: number
}

/** A text as a QR code: how many squares it is wide, and its dark runs. A quarter of it may be stained. */
export function qrRuns(text: string): { readonly size: number; readonly runs: readonly QrRun[] } {
  const { modules } = create(text, { errorCorrectionLevel: 'Q' })
  const { size } = modules
  const runs: QrRun[] = []
  for (let row = 0; row < size; row++) {
    for (const { index, 0: dark } of darkIn(modules.data.subarray(row * size, (row + 1) * size))) {
      runs.push({ row, column: index, length: dark.length })
    }
  }
  return { size, runs }
}

function darkIn(squares: Uint8Array): Iterable<RegExpMatchArray & { readonly index: number }> {
  return Array.from(squares, (square) => (square === 0 ? ' ' : '#'))
    .join('')
    .matchAll(/#+/g)
}
