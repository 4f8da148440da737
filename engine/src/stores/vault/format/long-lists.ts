import { randomInt } from 'node:crypto'
import { ID_BYTES } from './blob-id.ts'

/** A tree's text without its long lists of ids: a number stands for each, and `lists` has its ids. */
export interface ShortText {
  readonly text: Uint8Array
  readonly lists: ReadonlyMap<number, Buffer>
}

const BEGIN = Buffer.from('"content":["')
const BETWEEN = Buffer.from('","')
const ID_TEXT = 2 * ID_BYTES
const STEP = ID_TEXT + BETWEEN.byteLength
/** Shorter lists are read by way of JSON. */
const LEAST_IDS = 1024
const MOST_NUMBER = 2 ** 47

/**
 * Takes the long lists of ids out of a tree's text: by way of JSON a database's list takes ten times its memory. What is put in their
 * place is JSON where they were, and is not where they were not. Nobody who makes a text can know the numbers.
 */
export function shortenText(bytes: Uint8Array): ShortText {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Buffer[] = []
  const lists = new Map<number, Buffer>()
  const first = randomInt(MOST_NUMBER)
  let done = 0
  for (let found = text.indexOf(BEGIN); found >= 0; found = text.indexOf(BEGIN, found + BEGIN.byteLength)) {
    const start = found + BEGIN.byteLength
    const ids = countIds(text, start)
    const list = ids >= LEAST_IDS ? readIds(text, start, ids) : undefined
    if (list !== undefined) {
      const number = first + lists.size
      parts.push(text.subarray(done, start - 1), Buffer.from(String(number)))
      lists.set(number, list)
      done = start + ids * STEP - BETWEEN.byteLength + 1
    }
  }
  return lists.size === 0 ? { text, lists } : { text: Buffer.concat([...parts, text.subarray(done)]), lists }
}

/** How many ids a list has whose first begins there; 0 when it is none that ends. */
function countIds(text: Buffer, start: number): number {
  let at = start + ID_TEXT
  while (text[at] === BETWEEN[0] && text[at + 1] === BETWEEN[1] && text[at + 2] === BETWEEN[2]) {
    at += STEP
  }
  const isEnded = text[at] === BETWEEN[0] && text[at + 1] === END
  return isEnded ? (at - start + BETWEEN.byteLength) / STEP : 0
}

const END = ']'.charCodeAt(0)

/** Undefined when any of them is no id. */
function readIds(text: Buffer, start: number, count: number): Buffer | undefined {
  const ids = Buffer.alloc(count * ID_BYTES)
  for (let index = 0; index < count; index += 1) {
    const at = start + index * STEP
    if (ids.write(text.toString('latin1', at, at + ID_TEXT), index * ID_BYTES, 'hex') !== ID_BYTES) {
      return undefined
    }
  }
  return ids
}
