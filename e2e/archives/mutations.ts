/** One way to damage an archive. `older` is another archive of the same shop, from the day before. */
export type Mutation = (archive: Buffer, older: Buffer, random: Dice) => Buffer

/** Chance, the same for the same seed. */
export interface Dice {
  /** From 0 up to, not including, `below`. */
  below(below: number): number
  bytes(length: number): Buffer
}

/** What happens to archives on their way: on bad disks, in bad copies, in bad hands. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'flip a bit': (archive, _, random) => {
    const mutant = Buffer.from(archive)
    flip(mutant, random.below(mutant.byteLength), random)
    return mutant
  },
  'flip a bit of a record': (archive, _, random) => {
    const mutant = Buffer.from(archive)
    flip(mutant, Math.min(recordOf(mutant, random) + random.below(60), mutant.byteLength - 1), random)
    return mutant
  },
  'edit a field of a record': (archive, _, random) => {
    const mutant = Buffer.from(archive)
    const width = pick([1, 2, 4], random)
    const at = Math.min(recordOf(mutant, random) + random.below(46), mutant.byteLength - width)
    const old = mutant.readUIntLE(at, width)
    const most = 2 ** (8 * width) - 1
    mutant.writeUIntLE(pick([0, 1, most, most - 1, (old + 1) & 0x7f, Math.max(0, old - 1)], random), at, width)
    return mutant
  },
  'edit the same bytes wherever they are': (archive, _, random) => {
    const mutant = Buffer.from(archive)
    const at = Math.min(recordOf(mutant, random) + random.below(40), mutant.byteLength - 8)
    const wanted = Buffer.from(mutant.subarray(at, at + pick([4, 8], random)))
    const other = Buffer.from(wanted)
    flip(other, random.below(other.byteLength), random)
    for (let found = mutant.indexOf(wanted); found >= 0; found = mutant.indexOf(wanted, found + wanted.byteLength)) {
      other.copy(mutant, found)
    }
    return mutant
  },
  truncate: (archive, _, random) => archive.subarray(0, random.below(archive.byteLength)),
  'drop the beginning': (archive, _, random) => archive.subarray(1 + random.below(archive.byteLength - 1)),
  'drop a range': (archive, _, random) => {
    const { start, end } = range(archive, random)
    return Buffer.concat([archive.subarray(0, start), archive.subarray(end)])
  },
  'double a range': (archive, _, random) => {
    const { start, end } = range(archive, random)
    return Buffer.concat([archive.subarray(0, end), archive.subarray(start)])
  },
  'swap two ranges': (archive, _, random) => {
    const cuts = [0, 0, 0, 0].map(() => random.below(archive.byteLength)).sort((a, b) => a - b)
    const [a = 0, b = 0, c = 0, d = 0] = cuts
    const parts = [
      [0, a],
      [c, d],
      [b, c],
      [a, b],
      [d, archive.byteLength],
    ] as const
    return Buffer.concat(parts.map(([start, end]) => archive.subarray(start, end)))
  },
  'zero a sector': (archive, _, random) => {
    const mutant = Buffer.from(archive)
    const sector = random.below(Math.ceil(mutant.byteLength / 512)) * 512
    mutant.subarray(sector, sector + 512).fill(0)
    return mutant
  },
  'overwrite a range': (archive, _, random) => {
    const mutant = Buffer.from(archive)
    const { start, end } = range(mutant, random, 4096)
    random.bytes(end - start).copy(mutant, start)
    return mutant
  },
  'insert bytes': (archive, _, random) => {
    const at = random.below(archive.byteLength + 1)
    return Buffer.concat([archive.subarray(0, at), random.bytes(1 + random.below(600)), archive.subarray(at)])
  },
  append: (archive, older, random) =>
    Buffer.concat([archive, pick([archive, older, random.bytes(1 + random.below(99)), archive.subarray(-22)], random)]),
  prepend: (archive, older, random) => Buffer.concat([pick([archive, older, random.bytes(20)], random), archive]),
  'roll a range back to the day before': (archive, older, random) => {
    const mutant = Buffer.from(archive)
    const { start, end } = range(mutant, random, 65_536)
    older.subarray(start, end).copy(mutant, start)
    return mutant
  },
  'the end of the day before': (archive, older, random) => {
    const at = random.below(Math.min(archive.byteLength, older.byteLength))
    return Buffer.concat([archive.subarray(0, at), older.subarray(at)])
  },
}

function recordOf(archive: Buffer, random: Dice): number {
  const found: number[] = []
  for (let at = archive.indexOf('PK'); at >= 0; at = archive.indexOf('PK', at + 2)) {
    found.push(at)
  }
  return pick(found, random)
}

function range(archive: Buffer, random: Dice, most: number = archive.byteLength): { start: number; end: number } {
  const start = random.below(archive.byteLength)
  return { start, end: Math.min(archive.byteLength, start + 1 + random.below(most)) }
}

function flip(bytes: Buffer, at: number, random: Dice): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at)
}

export function pick<T>(values: readonly T[], random: Dice): T {
  const value = values[random.below(values.length)]
  if (value === undefined) {
    throw new Error('nothing to choose from')
  }
  return value
}
