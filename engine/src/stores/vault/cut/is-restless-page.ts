const LEAF_INDEX = 0x0a
const HEADER_BYTES = 8
/** Enough to tell chance from order, and cheap. */
const LOOKED_AT = 24
const FEWEST = 4

/**
 * Whether a page is a leaf of an index whose keys come at random: in the order of the keys, the row ids of its entries
 * go up and down. New rows will hit such pages anywhere. Of an index whose keys grow with the rows, they only rise; of one
 * with few keys they fall where a key ends, and there the next row comes.
 * The bytes may be anything, encrypted or garbage: what does not fit is no such page. https://sqlite.org/fileformat2.html §1.6
 */
export function isRestlessPage(page: Buffer): boolean {
  if (page[0] !== LEAF_INDEX || page.byteLength < 512) {
    return false
  }
  const cells = page.readUInt16BE(3)
  if (cells < FEWEST || HEADER_BYTES + 2 * cells > page.byteLength) {
    return false
  }
  return goesUpAndDown(page, cells)
}

function goesUpAndDown(page: Buffer, cells: number): boolean {
  const step = Math.max(1, Math.floor(cells / LOOKED_AT))
  let [rises, falls, before] = [0, 0, Number.NaN]
  for (let cell = 0; cell < cells; cell += step) {
    const row = rowOf(page, page.readUInt16BE(HEADER_BYTES + 2 * cell), HEADER_BYTES + 2 * cells)
    if (row === undefined) {
      return false
    }
    rises += row > before ? 1 : 0
    falls += row < before ? 1 : 0
    before = row
  }
  return rises > 0 && falls > 0
}

/** The row id of an entry, its last value; NaN when it lies on another page, undefined when this is no entry. */
function rowOf(page: Buffer, cell: number, firstCell: number): number | undefined {
  if (cell < firstCell || cell + 4 > page.byteLength) {
    return undefined
  }
  const payload = readVarint(page, cell)
  const record = payload.end
  const header = readVarint(page, record)
  if (header.value < 2 || header.value > payload.value) {
    return undefined
  }
  if (payload.value > largestLocal(page.byteLength)) {
    return Number.NaN
  }
  const end = record + payload.value
  if (end > page.byteLength) {
    return undefined
  }
  return readLast(page, lastType(page, header.end, record + header.value), end)
}

/** The serial type of the last value: types are varints, and a row id's is a single byte. */
function lastType(page: Buffer, from: number, to: number): number | undefined {
  let type: number | undefined
  for (let at = from; at < to; ) {
    const { value, end } = readVarint(page, at)
    type = value
    at = end
  }
  return type
}

function readLast(page: Buffer, type: number | undefined, end: number): number | undefined {
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 4:
      return page.readIntBE(end - type, type)
    case 5:
      return page.readIntBE(end - 6, 6)
    case 6:
      return Number(page.readBigInt64BE(end - 8))
    case 8:
      return 0
    case 9:
      return 1
    default:
      return undefined
  }
}

/** Up to 9 bytes; those that would lie behind the page count as 0. */
function readVarint(page: Buffer, at: number): { value: number; end: number } {
  let value = 0
  for (let n = 0; n < 8; n += 1) {
    const byte = page[at + n] ?? 0
    value = value * 128 + (byte & 127)
    if (byte < 128) {
      return { value, end: at + n + 1 }
    }
  }
  return { value: value * 256 + (page[at + 8] ?? 0), end: at + 9 }
}

/** An entry with more than this lies partly on other pages. */
function largestLocal(usable: number): number {
  return Math.floor(((usable - 12) * 64) / 255) - 23
}
