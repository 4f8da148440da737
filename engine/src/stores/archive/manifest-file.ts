// A child process imports this: single files of the model, not all of its schemas.
import { type ArchiveEntry, ArchiveManifest, MANIFEST_VERSION } from '../../model/archive-manifest.ts'
import { misfitOf } from '../../model/parse-shape.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'

/** A manifest is never larger; a larger one is neither written nor read. It has room for a million images. */
export const MANIFEST_BYTES: number = 256 * 1024 * 1024

/** A manifest as a file: one part and one entry on a line, always the same bytes for the same manifest. */
export function encodeManifest(manifest: ArchiveManifest): Buffer {
  const pieces: Buffer[] = []
  let piece = ''
  for (const line of linesOf(manifest)) {
    piece += line
    if (piece.length >= PIECE_CHARACTERS) {
      pieces.push(Buffer.from(piece))
      piece = ''
    }
  }
  return Buffer.concat([...pieces, Buffer.from(piece)])
}

/** Hundreds of thousands of lines are not held one by one. */
const PIECE_CHARACTERS = 64 * 1024

/**
 * Reads a manifest. It must have exactly the layout that is written, so that `sed` and a parser of JSON see the same
 * entries in it. Errors: `archive.damaged`, `backup.label-newer`.
 */
export function decodeManifest(bytes: Uint8Array): ArchiveManifest {
  const manifest = parse(bytes)
  requireKnownVersion(manifest)
  const misfit = misfitOf(ArchiveManifest, manifest)
  if (misfit !== undefined) {
    throw damaged(`${misfit.path} ${misfit.message}`)
  }
  const known = manifest as ArchiveManifest
  if (!hasLayout(known, bytes)) {
    throw damaged('it is not laid out as Tillsafe writes it')
  }
  return known
}

function* linesOf({ kind, version, holds, shop, madeAt, tillsafeVersion, parts, entries }: ArchiveManifest) {
  const { id, publicKey, name } = shop
  yield `{"kind":${JSON.stringify(kind)},"version":${version},"holds":${JSON.stringify(holds)},\n`
  // The key comes before the name: what a shop calls itself can't be taken for its key.
  yield `"shop":${JSON.stringify({ id, publicKey, name })},\n`
  yield `"madeAt":${JSON.stringify(madeAt)},"tillsafeVersion":${JSON.stringify(tillsafeVersion)},\n`
  yield* listLines('"parts":[', parts, ({ folder, label }) => JSON.stringify({ folder, label }))
  yield '],\n'
  yield* listLines('"entries":[', entries, entryLine)
  yield ']}\n'
}

function entryLine({ path, bytes, sha256, modifiedMs }: ArchiveEntry): string {
  return JSON.stringify({ path, bytes, sha256, modifiedMs })
}

function* listLines<T>(opening: string, items: readonly T[], lineOf: (item: T) => string): Generator<string> {
  yield `${opening}\n`
  for (const [index, item] of items.entries()) {
    yield `${lineOf(item)}${index === items.length - 1 ? '' : ','}\n`
  }
}

/** Line by line: a manifest of a million entries is not held in memory twice. */
function hasLayout(manifest: ArchiveManifest, bytes: Uint8Array): boolean {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0
  for (const text of linesOf(manifest)) {
    const line = Buffer.from(text)
    if (!line.equals(given.subarray(position, position + line.byteLength))) {
      return false
    }
    position += line.byteLength
  }
  return position === given.byteLength
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw damaged('it is not JSON', cause)
  }
}

function requireKnownVersion(manifest: unknown): void {
  if (typeof manifest !== 'object' || manifest === null || !('kind' in manifest) || !('version' in manifest)) {
    throw damaged('it is something else')
  }
  const { kind, version } = manifest
  if (kind === 'tillsafe.archive' && Number.isInteger(version) && Number(version) > MANIFEST_VERSION) {
    throw new TillsafeError(
      'backup.label-newer',
      `the manifest of the archive has version ${version}, newer than ${MANIFEST_VERSION}`,
    )
  }
}

function damaged(why: string, cause?: unknown): TillsafeError {
  return new TillsafeError('archive.damaged', `the manifest of the archive cannot be trusted: ${why}`, { cause })
}
