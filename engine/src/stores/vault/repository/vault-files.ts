import type { Destination, Key } from '../../../destinations/destination.ts'
import { TillsafeError } from '../../../model/index.ts'
import { bytesContent } from '../../../snapshot/bytes-content.ts'
import type { Range } from '../../../snapshot/content.ts'
import { sha256OfBytes } from '../../../work/sha256.ts'
import { hasCode } from '../../has-code.ts'
import { readObject } from '../../read-object.ts'
import { isHexId } from '../format/index-file.ts'

/** The folders of a repository. Every file in them is called by the SHA-256 of its bytes. */
export type VaultFolder = 'data' | 'index' | 'keys' | 'locks' | 'snapshots'

const MIB = 1024 * 1024

/** No honest file is larger: restic's packs end at 128 MiB, its indexes have 8 MB. A stranger's must not fill the memory. */
const MOST_BYTES: Readonly<Record<VaultFolder, number>> = {
  data: 256 * MIB,
  index: 256 * MIB,
  keys: MIB,
  locks: MIB,
  snapshots: 16 * MIB,
}

/** The files of a repository, wherever it lies. Source: restic, Design, "Repository Layout". */
export class VaultFiles {
  readonly destination: Destination
  /** Where the repository begins in its destination, without a slash at the end. */
  readonly root: Key

  constructor(destination: Destination, root: Key) {
    this.destination = destination
    this.root = root
  }

  get configKey(): Key {
    return `${this.root}/config`
  }

  keyOf(folder: VaultFolder, name: string): Key {
    return folder === 'data' ? `${this.root}/data/${name.slice(0, 2)}/${name}` : `${this.root}/${folder}/${name}`
  }

  /** A whole file. Errors: `object.missing`; `vault.damaged` when it does not have the bytes of its name. */
  async read(folder: VaultFolder, name: string): Promise<Buffer> {
    const bytes = await readWithin(this.destination, this.keyOf(folder, name), MOST_BYTES[folder])
    if (sha256OfBytes(bytes) !== name) {
      throw new TillsafeError('vault.damaged', `${this.keyOf(folder, name)} is not what was written there`)
    }
    return bytes
  }

  /** `config`, as it lies there. Errors: `object.missing`, `vault.damaged`. */
  async readConfig(): Promise<Buffer> {
    return await readWithin(this.destination, this.configKey, MIB)
  }

  /** A part of a file, in memory that is given or its own. Errors: `object.missing`; `vault.damaged` when the file is shorter. */
  async readRange(
    folder: VaultFolder,
    name: string,
    range: Range,
    bytes: Uint8Array<ArrayBuffer> = new Uint8Array(range.end - range.start),
  ): Promise<Uint8Array<ArrayBuffer>> {
    let filled = 0
    for await (const chunk of await this.destination.read(this.keyOf(folder, name), range)) {
      bytes.set(chunk, filled)
      filled += chunk.byteLength
    }
    if (filled !== bytes.byteLength) {
      throw new TillsafeError('vault.damaged', `${this.keyOf(folder, name)} is shorter than its index says`)
    }
    return bytes
  }

  async size(folder: VaultFolder, name: string): Promise<number | undefined> {
    return await this.destination.size(this.keyOf(folder, name))
  }

  /** Writes a file and reads it back; gives its name. One that is there already is the same. */
  async write(folder: VaultFolder, bytes: Uint8Array): Promise<string> {
    const name = sha256OfBytes(bytes)
    const key = this.keyOf(folder, name)
    await this.destination.write(key, bytesContent(bytes)).catch((error: unknown) => {
      if (!hasCode(error, 'destination.name-taken')) {
        throw error
      }
    })
    await this.#requireWritten(folder, name)
    return name
  }

  /** The names of the files in a folder; anything else that lies there is none of ours. */
  async *list(folder: VaultFolder): AsyncIterable<string> {
    for await (const key of this.destination.list(`${this.root}/${folder}/`)) {
      const name = key.slice(key.lastIndexOf('/') + 1)
      if (isHexId(name) && key === this.keyOf(folder, name)) {
        yield name
      }
    }
  }

  async remove(folder: VaultFolder, name: string): Promise<void> {
    await this.destination.remove(this.keyOf(folder, name))
  }

  async #requireWritten(folder: VaultFolder, name: string): Promise<void> {
    try {
      await this.read(folder, name)
    } catch (cause) {
      if (!hasCode(cause, 'vault.damaged')) {
        throw cause
      }
      await this.remove(folder, name).catch(() => undefined)
      throw new TillsafeError('destination.failed', `${name} was read back, and differs from what was written`, {
        cause,
        hint: 'Check the disk: it does not keep what is written on it. Use another one until then.',
      })
    }
  }
}

async function readWithin(destination: Destination, key: Key, atMost: number): Promise<Buffer> {
  try {
    return await readObject(destination, key, atMost)
  } catch (error) {
    throw hasCode(error, 'backup.damaged') ? new TillsafeError('vault.damaged', error.message, { cause: error }) : error
  }
}
