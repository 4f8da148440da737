import type { BlobRow } from './former-blobs.ts'
import type { Span } from './span.ts'

const CHANGED_TOGETHER_BYTES = 16 * 1024

/**
 * Decides blob by blob: kept when none of its pages has changed; split when fewer than half have, so that from then on a
 * change costs a page; otherwise new. Neighbours that are new are cut together.
 */
export function planSpans({ first, borders }: BlobRow, changed: Uint8Array, pageBytes: number): Span[] {
  const spans: Span[] = []
  const together = Math.max(1, CHANGED_TOGETHER_BYTES / pageBytes)
  for (let n = 0; n + 1 < borders.length; n += 1) {
    const start = borders[n] ?? 0
    const end = borders[n + 1] ?? 0
    const count = countChanged(changed, start, end)
    if (count === 0) {
      addKnown(spans, first + n)
    } else if (2 * count < end - start) {
      split(spans, changed, start, end, together)
    } else {
      addFresh(spans, start, end)
    }
  }
  return spans
}

function addKnown(spans: Span[], blob: number): void {
  const last = spans.at(-1)
  if (last?.kind === 'known' && last.endBlob === blob) {
    spans[spans.length - 1] = { ...last, endBlob: blob + 1 }
  } else {
    spans.push({ kind: 'known', firstBlob: blob, endBlob: blob + 1 })
  }
}

function addFresh(spans: Span[], start: number, end: number): void {
  const last = spans.at(-1)
  if (last?.kind === 'fresh' && last.end === start) {
    spans[spans.length - 1] = { ...last, end }
  } else {
    spans.push({ kind: 'fresh', start, end })
  }
}

function split(spans: Span[], changed: Uint8Array, from: number, to: number, together: number): void {
  for (let start = from; start < to; ) {
    const restless = changed[start] === 1
    const limit = restless ? Math.min(to, start + together) : to
    let end = start + 1
    while (end < limit && (changed[end] === 1) === restless) {
      end += 1
    }
    spans.push({ kind: 'whole', start, end, restless })
    start = end
  }
}

function countChanged(changed: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let page = start; page < end; page += 1) {
    count += changed[page] ?? 0
  }
  return count
}
