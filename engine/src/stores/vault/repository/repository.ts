import { hasShape, TillsafeError, type VaultConfig, VaultSnapshotFile } from '../../../model/index.ts'
import { hasCode } from '../../has-code.ts'
import type { BlobType } from '../format/blob.ts'
import { decodeIndex, encodeIndex, IndexBroken, type IndexedPack, packsOf } from '../format/index-file.ts'
import type { IndexColumns } from '../format/index-text.ts'
import { openBlob } from '../format/open-blob.ts'
import { SealBroken, Sealer, type VaultKey } from '../format/seal.ts'
import { sealFile, unsealFile } from '../format/unpacked-file.ts'
import { aheadInOrder, FILES_AHEAD } from './ahead-in-order.ts'
import { BlobIndex, type BlobPlace } from './blob-index.ts'
import type { VaultFiles, VaultFolder } from './vault-files.ts'

/** A repository of restic's format, opened. */
export class Repository {
  readonly files: VaultFiles
  readonly config: VaultConfig
  readonly key: VaultKey
  readonly sealer: Sealer
  /** The name of the key file that opened it. */
  readonly keyName: string

  constructor(files: VaultFiles, config: VaultConfig, key: VaultKey, keyName: string) {
    this.files = files
    this.config = config
    this.key = key
    this.sealer = new Sealer(key)
    this.keyName = keyName
  }

  /** Format 1 knows no compression: it is read, and nothing is added to it. */
  get isReadOnly(): boolean {
    return this.config.version < 2
  }

  /** What all index files say. One that is damaged is reported and left out: `repair` makes it anew. */
  async loadIndex(onDamage: (error: TillsafeError) => void = throwIt): Promise<BlobIndex> {
    const index = new BlobIndex()
    const files = aheadInOrder(this.files.list('index'), FILES_AHEAD, (name) => this.#columnsUnlessDamaged(name))
    for await (const columns of files) {
      if (columns instanceof TillsafeError) {
        onDamage(columns)
      } else {
        index.addAll(columns)
      }
    }
    return index
  }

  /** The packs of one index file. Errors: `vault.damaged`, `object.missing`. */
  async readIndex(name: string): Promise<IndexedPack[]> {
    return [...packsOf(await this.#readIndexColumns(name))]
  }

  async #readIndexColumns(name: string): Promise<IndexColumns> {
    try {
      return decodeIndex(await this.readFile('index', name))
    } catch (error) {
      throw error instanceof IndexBroken ? damaged(`index ${name}: ${error.message}`, error) : error
    }
  }

  async writeIndex(packs: Iterable<IndexedPack>): Promise<string> {
    return await this.writeFile('index', encodeIndex(packs))
  }

  /** A snapshot. Errors: `vault.damaged`, `object.missing`. */
  async readSnapshot(name: string): Promise<VaultSnapshotFile> {
    const parsed = parsedJson(await this.readFile('snapshots', name))
    if (!hasShape(VaultSnapshotFile, parsed)) {
      throw damaged(`snapshot ${name} is none`)
    }
    return parsed
  }

  async writeSnapshot(snapshot: VaultSnapshotFile): Promise<string> {
    return await this.writeFile('snapshots', Buffer.from(JSON.stringify(snapshot)))
  }

  /** The JSON of an index, a snapshot or a lock. Errors: `vault.damaged`, `object.missing`. */
  async readFile(folder: VaultFolder, name: string): Promise<Buffer> {
    const sealed = await this.files.read(folder, name)
    try {
      return unsealFile(sealed, this.sealer)
    } catch (error) {
      throw error instanceof SealBroken ? damaged(`${this.files.keyOf(folder, name)}: ${error.message}`, error) : error
    }
  }

  /** Seals, writes and reads back; gives the name. */
  async writeFile(folder: VaultFolder, json: Uint8Array): Promise<string> {
    return await this.files.write(folder, sealFile(json, this.sealer, !this.isReadOnly))
  }

  /** A single blob: the first of its places where it is whole. Error: `vault.damaged`. */
  async readBlob(index: BlobIndex, type: BlobType, id: Uint8Array): Promise<Buffer> {
    let failure = damaged(`no index knows the ${type} blob ${Buffer.from(id).toString('hex')}`)
    for (const place of index.places(type, id)) {
      try {
        return await this.#readPlace(place)
      } catch (error) {
        if (!(error instanceof SealBroken) && !hasCode(error, 'vault.damaged', 'object.missing')) {
          throw error
        }
        failure = damaged(`blob ${place.blob.id.toString('hex')} in pack ${place.pack}: ${error.message}`, error)
      }
    }
    throw failure
  }

  async #readPlace({ pack, blob }: BlobPlace): Promise<Buffer> {
    const range = { start: blob.offset, end: blob.offset + blob.length }
    return openBlob(await this.files.readRange('data', pack, range), blob, this.sealer)
  }

  async #columnsUnlessDamaged(name: string): Promise<IndexColumns | TillsafeError> {
    return await this.#readIndexColumns(name).catch((error: unknown) => {
      if (!hasCode(error, 'vault.damaged')) {
        throw error
      }
      return error
    })
  }
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw damaged('what was sealed is not JSON', cause)
  }
}

function damaged(message: string, cause?: unknown): TillsafeError {
  return new TillsafeError('vault.damaged', message, { cause })
}

function throwIt(error: TillsafeError): never {
  throw error
}
