// A child process imports this: single files of the model, not all of its schemas.
import type { TSchema } from 'typebox'
import { ArchiveEntry, ArchiveManifest, MANIFEST_VERSION } from '../../model/archive-manifest.ts'
import { misfitOf } from '../../model/parse-shape.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import { linesOf, listItems } from '../lines.ts'

/** A manifest is never larger; a larger one is neither written nor read. It has room for a million images. */
export const MANIFEST_BYTES: number = 256 * 1024 * 1024

/** A manifest as a file that grows with its entries: one part and one entry on a line, always the same bytes for the same manifest. */
export class ManifestFile {
  readonly #bytes = new GrowingBytes('the manifest of the archive', MANIFEST_BYTES)
  #entries = 0

  get entries(): number {
    return this.#entries
  }

  add(entry: ArchiveEntry): void {
    this.#bytes.add(this.#entries === 0 ? '' : ',\n')
    this.#bytes.add(entryLine(entry))
    this.#entries++
  }

  /** The whole file. */
  finish(manifest: ArchiveManifest): GrowingBytes {
    this.#bytes.add('\n]}\n')
    this.#bytes.addBefore(headOf(manifest))
    return this.#bytes
  }
}

/** A manifest that is being read. Its entries are read once, in order. */
export interface OpenManifest {
  readonly manifest: ArchiveManifest
  readonly entries: AsyncGenerator<ArchiveEntry, void>
}

/**
 * Reads a manifest. It must have exactly the layout that is written, so that `sed` and a parser of JSON see the same
 * entries in it. Errors, of the entries as they are read: `archive.damaged`, `backup.label-newer`.
 */
export async function openManifest(stream: AsyncIterable<Uint8Array>): Promise<OpenManifest> {
  const lines = linesOf(stream, damaged)
  const manifest = decodeHead(await readHead(lines))
  return { manifest, entries: entriesIn(lines) }
}

/** What comes before the entries ends with this line. */
const ENTRIES_LINE = '"entries":['
const HEAD_END = `,\n${ENTRIES_LINE}\n`

function headOf({ kind, version, holds, shop, madeAt, tillsafeVersion, parts }: ArchiveManifest): string {
  const { id, publicKey, name } = shop
  return [
    `{"kind":${JSON.stringify(kind)},"version":${version},"holds":${JSON.stringify(holds)},`,
    // The key comes before the name: what a shop calls itself can't be taken for its key.
    `"shop":${JSON.stringify({ id, publicKey, name })},`,
    `"madeAt":${JSON.stringify(madeAt)},"tillsafeVersion":${JSON.stringify(tillsafeVersion)},`,
    '"parts":[',
    parts.map(({ folder, label }) => JSON.stringify({ folder, label })).join(',\n'),
    `]${HEAD_END}`,
  ].join('\n')
}

function entryLine({ path, bytes, sha256, modifiedMs }: ArchiveEntry): string {
  return JSON.stringify({ path, bytes, sha256, modifiedMs })
}

async function readHead(lines: AsyncGenerator<string, void>): Promise<string> {
  let head = ''
  for (;;) {
    const { value: line } = await lines.next()
    if (line === undefined) {
      throw damaged('it names no entries')
    }
    if (head === '') {
      requireKnownVersion(line)
    }
    head += `${line}\n`
    if (line === ENTRIES_LINE) {
      return head
    }
  }
}

/** Every version begins with these two members. */
const FIRST_LINE = /^\{"kind":"tillsafe\.archive","version":(\d{1,9})\b/

function requireKnownVersion(line: string): void {
  const version = FIRST_LINE.exec(line)?.[1]
  if (version === undefined) {
    throw damaged('it is something else')
  }
  if (Number(version) > MANIFEST_VERSION) {
    throw new TillsafeError(
      'backup.label-newer',
      `the manifest of the archive has version ${version}, newer than ${MANIFEST_VERSION}`,
    )
  }
}

function decodeHead(head: string): ArchiveManifest {
  const manifest = parsed<ArchiveManifest>(ArchiveManifest, `${head.slice(0, -HEAD_END.length)}}`)
  requireLayout(headOf(manifest), head)
  return manifest
}

async function* entriesIn(lines: AsyncIterable<string>): AsyncGenerator<ArchiveEntry, void> {
  for await (const line of listItems(lines, damaged)) {
    const entry = parsed<ArchiveEntry>(ArchiveEntry, line)
    requireLayout(entryLine(entry), line)
    yield entry
  }
}

function parsed<T>(schema: TSchema, text: string): T {
  const value = parse(text)
  const misfit = misfitOf(schema, value)
  if (misfit !== undefined) {
    throw damaged(`${misfit.path} ${misfit.message}`)
  }
  return value as T
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damaged('it is not JSON', cause)
  }
}

function requireLayout(expected: string, text: string): void {
  if (expected !== text) {
    throw damaged('it is not laid out as Tillsafe writes it')
  }
}

function damaged(why: string, cause?: unknown): TillsafeError {
  return new TillsafeError('archive.damaged', `the manifest of the archive cannot be trusted: ${why}`, { cause })
}
