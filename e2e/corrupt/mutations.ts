import type { DatabaseBytes } from './database-bytes.ts'
import type { SeededRandom } from './seeded-random.ts'

/** A way to damage bytes. It gets a copy of its own. */
type Mutation = (bytes: Buffer, random: SeededRandom) => Buffer

const SECTOR = 512

/** The fields of a database's header that something depends on: where, and how many bytes. File format, section 1.3. */
const HEADER_FIELDS = [
  [0, 16], [16, 2], [18, 1], [19, 1], [20, 1], [21, 1], [22, 1], [23, 1], [24, 4], [28, 4], [32, 4], [36, 4],
  [40, 4], [44, 4], [48, 4], [52, 4], [56, 4], [60, 4], [64, 4], [68, 4], [72, 20], [92, 4], [96, 4],
] as const // biome-ignore format: a table

const fileMutations: Readonly<Record<string, Mutation>> = {
  'one bit flipped': (bytes, random) => flip(bytes, random),
  'bits flipped': (bytes, random) =>
    Array.from({ length: 2 + random.below(30) }).reduce<Buffer>((all) => flip(all, random), bytes),
  'sector zeroed': (bytes, random) => {
    const at = random.below(Math.ceil(bytes.length / SECTOR)) * SECTOR
    return bytes.fill(0, at, Math.min(at + SECTOR, bytes.length))
  },
  'cut anywhere': (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  'cut at a page': (bytes, random) =>
    bytes.subarray(0, random.below(bytes.length / pageSizeOf(bytes)) * pageSizeOf(bytes)),
  'header field changed': (bytes, random) => {
    const [at, length] = random.pick(HEADER_FIELDS)
    const value = random.pick([
      Buffer.alloc(length),
      Buffer.alloc(length, 255),
      random.bytes(length),
      Buffer.alloc(length, 1),
    ])
    value.copy(bytes, at)
    return bytes
  },
  'pages swapped': (bytes, random) => {
    const size = pageSizeOf(bytes)
    const [one, other] = [random.below(bytes.length / size) * size, random.below(bytes.length / size) * size]
    const kept = Buffer.from(bytes.subarray(one, one + size))
    bytes.copy(bytes, one, other, other + size)
    kept.copy(bytes, other)
    return bytes
  },
  'page repeated': (bytes, random) => {
    const size = pageSizeOf(bytes)
    const from = random.below(bytes.length / size) * size
    bytes.copy(bytes, random.below(bytes.length / size) * size, from, from + size)
    return bytes
  },
  'pointer redirected': (bytes, random) => redirect(bytes, random),
  'cell changed': (bytes, random) => {
    const page = pageAt(bytes, random)
    random.bytes(1 + random.below(6)).copy(bytes, page + 8 + random.below(64))
    return bytes
  },
  'schema text changed': (bytes, random) => changeSchema(bytes, random),
  'extended with zeros': (bytes, random) => Buffer.concat([bytes, Buffer.alloc(1 + random.below(9000))]),
  'extended with chance': (bytes, random) => Buffer.concat([bytes, random.bytes(1 + random.below(5000))]),
  'span of chance': (bytes, random) => {
    random.bytes(1 + random.below(300)).copy(bytes, random.below(bytes.length))
    return bytes
  },
  'page of chance': (bytes, random) => {
    random.bytes(Math.min(pageSizeOf(bytes), 4096)).copy(bytes, pageAt(bytes, random))
    return bytes
  },
  'nothing but chance': (bytes, random) => random.bytes(1 + random.below(Math.min(bytes.length, 8192))),
  'chance after a good header': (bytes, random) =>
    Buffer.concat([bytes.subarray(0, 100), random.bytes(random.below(8192))]),
  'nothing, or one byte': (_, random) => random.bytes(random.below(2)),
}

export const mutationNames: readonly string[] = Object.keys(fileMutations)

/** A damaged database. Where there is a `-wal` file, every other time it is that which is damaged, or lost. */
export function mutate(base: DatabaseBytes, name: string, random: SeededRandom): DatabaseBytes {
  const change = fileMutations[name]
  if (change === undefined) {
    throw new Error(`there is no mutation ${name}`)
  }
  if (base.wal === undefined) {
    return { main: change(Buffer.from(base.main), random) }
  }
  if (random.below(2) === 0) {
    return { wal: base.wal, main: change(Buffer.from(base.main), random) }
  }
  return random.below(10) === 0 ? { main: base.main } : { main: base.main, wal: change(Buffer.from(base.wal), random) }
}

function flip(bytes: Buffer, random: SeededRandom): Buffer {
  const at = random.below(bytes.length)
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at)
  return bytes
}

/** What the header says, when that can be; a `-wal` file has the page size elsewhere, and any will do. */
function pageSizeOf(bytes: Buffer): number {
  const said = bytes.length < 18 ? 0 : bytes.readUInt16BE(16)
  const size = said === 1 ? 65536 : said
  return size >= 512 && size <= bytes.length ? size : Math.min(512, bytes.length)
}

/** Where some page's b-tree header begins. */
function pageAt(bytes: Buffer, random: SeededRandom): number {
  const page = random.below(bytes.length / pageSizeOf(bytes)) * pageSizeOf(bytes)
  return page === 0 ? 100 : page
}

/** A cell pointer, a right-most child, or the first four bytes of a cell, which may be a child or an overflow page. */
function redirect(bytes: Buffer, random: SeededRandom): Buffer {
  const page = pageAt(bytes, random)
  const places = [
    () => bytes.writeUInt16BE(random.below(65536), page + 8 + 2 * random.below(10)),
    () => bytes.writeUInt32BE(random.below(1 + (2 * bytes.length) / pageSizeOf(bytes)), page + 8),
    () => bytes.writeUInt32BE(random.below(1 + (2 * bytes.length) / pageSizeOf(bytes)), cellOf(bytes, page)),
    () => bytes.writeUInt32BE(1 + random.below(bytes.length / pageSizeOf(bytes)), pageEnd(bytes, page) - 4),
  ] as const
  try {
    random.pick(places)()
  } catch {
    return flip(bytes, random) // beyond the end of a small file
  }
  return bytes
}

function cellOf(bytes: Buffer, page: number): number {
  const size = pageSizeOf(bytes)
  return Math.floor(page / size) * size + (bytes.readUInt16BE(page + 12) % size)
}

function pageEnd(bytes: Buffer, page: number): number {
  const size = pageSizeOf(bytes)
  return (Math.floor(page / size) + 1) * size
}

const REPLACEMENTS = [
  'table',
  'TABLE',
  'INDEX',
  'index',
  'PRIMARY KEY',
  'INTEGER',
  'TEXT',
  'ticket',
  '(',
  ')',
  ',',
  'id',
  ' AS ',
  'CREATE',
]

/** A word of the schema becomes another of the same length: it may still be SQL, and then mean something else. */
function changeSchema(bytes: Buffer, random: SeededRandom): Buffer {
  const places = REPLACEMENTS.flatMap((word) => placesOf(bytes, word).map((at) => ({ at, length: word.length })))
  if (places.length === 0) {
    return flip(bytes, random)
  }
  const { at, length } = random.pick(places)
  const letters = random.pick(['abs(x)', '\'"[`;--', 'ticket', 'x', '9', 'SELECT', 'sqlite_schema', '\0'])
  bytes.write(letters.repeat(length).slice(0, length), at, 'latin1')
  return bytes
}

function placesOf(bytes: Buffer, word: string): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(word); at >= 0 && places.length < 20; at = bytes.indexOf(word, at + 1)) {
    places.push(at)
  }
  return places
}
