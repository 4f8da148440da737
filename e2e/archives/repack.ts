import { ZipReader } from '../../engine/src/stores/archive/zip/read-zip.ts'
import { writeZip, type ZipSource } from '../../engine/src/stores/archive/zip/write-zip.ts'
import { ARCHIVE_LIMITS } from '../../engine/src/stores/archive/zip/zip-limits.ts'
import { type Dice, pick } from './mutations.ts'

/** One file of an archive. */
export interface Packed {
  readonly path: string
  readonly content: Buffer
}

/** All the files of an archive, in order. */
export async function unpacked(file: string): Promise<readonly Packed[]> {
  await using zip = await ZipReader.open(file, ARCHIVE_LIMITS)
  const found: Packed[] = []
  for await (const item of zip.items()) {
    const chunks = await Array.fromAsync(await zip.read(item), (chunk) => Buffer.from(chunk))
    found.push({ path: item.path, content: Buffer.concat(chunks) })
  }
  return found
}

/** One way to forge an archive whose ZIP is faultless: only its manifest and its signature can tell. */
export type Forgery = (files: readonly Packed[], older: readonly Packed[], random: Dice) => readonly Packed[]

export const forgeries: Readonly<Record<string, Forgery>> = {
  'leave a file out': (files, _, random) => files.toSpliced(random.below(files.length), 1),
  'add a file': (files, _, random) =>
    files.toSpliced(random.below(files.length + 1), 0, { path: 'images/evil.jpg', content: random.bytes(9) }),
  'change the order': (files, _, random) => {
    const index = random.below(files.length - 1)
    return [...files.slice(0, index), ...files.slice(index, index + 2).toReversed(), ...files.slice(index + 2)]
  },
  'change a byte of a file': (files, _, random) =>
    changed(files, random, ({ path, content }) => {
      const mutant = content.byteLength === 0 ? Buffer.of(1) : Buffer.from(content)
      const at = random.below(mutant.byteLength)
      mutant.writeUInt8(mutant.readUInt8(at) ^ (1 << random.below(8)), at)
      return { path, content: mutant }
    }),
  'cut a file': (files, _, random) =>
    changed(files, random, ({ path, content }) => ({
      path,
      content: content.subarray(0, random.below(content.byteLength)),
    })),
  'lengthen a file': (files, _, random) =>
    changed(files, random, ({ path, content }) => ({ path, content: Buffer.concat([content, random.bytes(1)]) })),
  'rename a file': (files, _, random) => changed(files, random, ({ path, content }) => ({ path: `${path}x`, content })),
  'exchange two contents': (files, _, random) => {
    const first = random.below(files.length)
    const second = random.below(files.length)
    return files.map(({ path, content }, index) => ({
      path,
      content: files[index === first ? second : index === second ? first : index]?.content ?? content,
    }))
  },
  'a file of the day before': (files, older, random) =>
    changed(files, random, ({ path, content }) => ({
      path,
      content: older.find((other) => other.path === path)?.content ?? content,
    })),
  'all but the manifest of the day before': (files, older) => [...older.slice(0, -2), ...files.slice(-2)],
  'the manifest of the day before': (files, older) => [...files.slice(0, -2), ...older.slice(-2)],
  'the manifest of the day before under the signature of today': (files, older) => [
    ...files.slice(0, -2),
    ...older.slice(-2, -1),
    ...files.slice(-1),
  ],
}

/** A faultless ZIP of these files. */
export async function packed(files: readonly Packed[], level: number): Promise<Buffer> {
  async function* sources(): AsyncIterable<ZipSource> {
    for (const { path, content } of files) {
      yield { path, level, bytes: content.byteLength, open: async () => once(content) }
    }
  }
  return Buffer.concat(await Array.fromAsync(writeZip(sources())))
}

async function* once(content: Buffer): AsyncIterable<Uint8Array> {
  yield content
}

function changed(files: readonly Packed[], random: Dice, change: (file: Packed) => Packed): readonly Packed[] {
  const chosen = pick(files, random)
  return files.map((file) => (file === chosen ? change(file) : file))
}
