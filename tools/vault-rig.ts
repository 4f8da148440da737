import type { Destination, Key } from '../engine/src/destinations/destination.ts'
import { MemoryDestination } from '../engine/src/destinations/memory.ts'
import { TillsafeError } from '../engine/src/model/index.ts'
import type { Content, Range } from '../engine/src/snapshot/content.ts'
import { blobIdOf, ID_BYTES } from '../engine/src/stores/vault/format/blob-id.ts'
import type { IndexedPack } from '../engine/src/stores/vault/format/index-file.ts'
import type { VaultKey } from '../engine/src/stores/vault/format/seal.ts'
import { decodeTree, TreeText } from '../engine/src/stores/vault/format/tree.ts'
import { finishPack, PackBuilder } from '../engine/src/stores/vault/pool/pack-builder.ts'
import { VaultWorkers } from '../engine/src/stores/vault/pool/vault-workers.ts'
import { BlobIndex } from '../engine/src/stores/vault/repository/blob-index.ts'
import { Repository } from '../engine/src/stores/vault/repository/repository.ts'
import { VaultFiles } from '../engine/src/stores/vault/repository/vault-files.ts'
import type { VaultPlace } from '../engine/src/stores/vault/vault-place.ts'
import { syntheticShop } from '../engine/src/testing/synthetic-snapshot.ts'
import { realDisk } from '../engine/src/work/disk.ts'
import { vaultUser } from '../engine/src/work/vault-user.ts'

/** A snapshot's files: in the root, or one folder below it. */
export type RigFiles = Readonly<Record<string, string>>

const BLOB_BYTES = 64
const BLOBS_PER_PACK = 4
const OWNER = { uid: 0, gid: 0 }
const KEY: VaultKey = { encrypt: Buffer.alloc(32, 1), macK: Buffer.alloc(16, 2), macR: Buffer.alloc(16, 3) }

/** Threads for the key of every rig. */
export function rigWorkers(): VaultWorkers {
  return new VaultWorkers(KEY, new BlobIndex().ids('data').share(), 1)
}

/** A vault in memory with blobs of 64 bytes and packs of four, written as another program might. */
export class VaultRig {
  readonly destination: MemoryDestination = new MemoryDestination()
  readonly place: VaultPlace
  readonly version: number

  constructor(version = 2) {
    this.version = version
    const { signer, ...shop } = syntheticShop()
    this.place = {
      destination: this.destination,
      workspace: 'main',
      shop,
      signer,
      timeZone: 'UTC',
      passwords: [],
      user: vaultUser(),
      hints: '/nowhere',
      disk: realDisk,
    }
  }

  get repository(): Repository {
    return this.repositoryOn(this.destination)
  }

  repositoryOn(destination: Destination): Repository {
    const config = { version: this.version, id: '0'.repeat(64), chunker_polynomial: '3da3358b4dc173' }
    return new Repository(new VaultFiles(destination, 'main/Vault'), config, KEY, 'a'.repeat(64))
  }

  /** Stores a snapshot; gives its name. With `again`, what is stored already is stored once more. */
  async save(
    files: RigFiles,
    options: { readonly tags?: string[]; readonly again?: boolean; readonly bytes?: number } = {},
  ): Promise<string> {
    const { repository } = this
    const index = options.again ? new BlobIndex() : await repository.loadIndex()
    const writer = new RigWriter(repository, index)
    const root = new TreeText(OWNER)
    const folders = new Map<string, TreeText>()
    for (const [path, text] of Object.entries(files)) {
      const [name = '', folder = ''] = path.split('/').reverse()
      const into = folder === '' ? root : (folders.get(folder) ?? new TreeText(OWNER))
      folders.set(folder, into)
      const content = await writer.file(Buffer.from(text))
      into.add({ kind: 'file', name, bytes: options.bytes ?? Buffer.byteLength(text), modifiedMs: 0, content })
    }
    folders.delete('')
    for (const [name, text] of folders) {
      root.add({ kind: 'folder', name, subtree: await writer.add('tree', text.encode()) })
    }
    const tree = await writer.add('tree', root.encode())
    await writer.finish()
    const tags = options.tags ?? null
    return await repository.writeSnapshot({
      time: '2026-11-21T10:57:00Z',
      tree: tree.toString('hex'),
      paths: ['/'],
      tags,
    })
  }

  async forget(snapshot: string): Promise<void> {
    await this.repository.files.remove('snapshots', snapshot)
  }

  /** What a snapshot gives back. */
  async filesOf(snapshot: string): Promise<RigFiles> {
    const { repository } = this
    const index = await repository.loadIndex()
    const { tree } = await repository.readSnapshot(snapshot)
    const files: Record<string, string> = {}
    const walk = async (id: Buffer, above: string): Promise<void> => {
      for (const node of decodeTree(await repository.readBlob(index, 'tree', id))) {
        if (node.kind === 'folder') {
          await walk(node.subtree, `${above}${node.name}/`)
        } else if (node.kind === 'file') {
          const parts: Buffer[] = []
          for (let start = 0; start < node.content.byteLength; start += ID_BYTES) {
            parts.push(await repository.readBlob(index, 'data', node.content.subarray(start, start + ID_BYTES)))
          }
          files[`${above}${node.name}`] = Buffer.concat(parts).toString()
        }
      }
    }
    await walk(Buffer.from(tree, 'hex'), '')
    return files
  }

  keys(folder: string): Key[] {
    return [...this.destination.objects.keys()].filter((key) => key.startsWith(`main/Vault/${folder}/`)).sort()
  }

  damage(key: Key, how: (bytes: Buffer) => Buffer): void {
    this.destination.objects.set(key, how(Buffer.from(this.destination.objects.get(key) ?? [])))
  }
}

export const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  flipped: (bytes) => Buffer.from(bytes.map((byte, at) => (at === bytes.byteLength >> 1 ? byte ^ 1 : byte))),
  cut: (bytes) => Buffer.from(bytes.subarray(0, bytes.byteLength >> 1)),
  lengthened: (bytes) => Buffer.concat([bytes, Buffer.of(0)]),
}

/** A destination that fails at its n-th call and ever after, as one whose program was killed there. */
export class DyingDestination implements Destination {
  calls = 0
  readonly #inner: Destination
  readonly #last: number

  constructor(inner: Destination, last: number) {
    this.#inner = inner
    this.#last = last
  }

  async write(key: Key, content: Content): Promise<void> {
    this.#call()
    await this.#inner.write(key, content)
  }

  async read(key: Key, range?: Range): Promise<AsyncIterable<Uint8Array>> {
    this.#call()
    return await this.#inner.read(key, range)
  }

  async size(key: Key): Promise<number | undefined> {
    this.#call()
    return await this.#inner.size(key)
  }

  async *list(prefix: string): AsyncIterable<Key> {
    this.#call()
    yield* this.#inner.list(prefix)
  }

  async remove(key: Key): Promise<void> {
    this.#call()
    await this.#inner.remove(key)
  }

  async sweep(): Promise<void> {
    this.#call()
  }

  #call(): void {
    this.calls += 1
    if (this.calls > this.#last) {
      throw new TillsafeError('destination.failed', 'the disk is gone')
    }
  }
}

class RigWriter {
  readonly #repository: Repository
  readonly #index: BlobIndex
  readonly #builders: { readonly data: PackBuilder; readonly tree: PackBuilder }
  readonly #counts = { data: 0, tree: 0 }
  readonly #added = new Set<string>()
  readonly #packs: IndexedPack[] = []

  constructor(repository: Repository, index: BlobIndex) {
    this.#repository = repository
    this.#index = index
    const { sealer } = repository
    this.#builders = { data: new PackBuilder(sealer, 'data'), tree: new PackBuilder(sealer, 'tree') }
  }

  async file(bytes: Buffer): Promise<Buffer> {
    const ids: Buffer[] = []
    for (let start = 0; start < bytes.byteLength; start += BLOB_BYTES) {
      ids.push(await this.add('data', bytes.subarray(start, start + BLOB_BYTES)))
    }
    return Buffer.concat(ids)
  }

  async add(type: 'data' | 'tree', plain: Buffer): Promise<Buffer> {
    const id = blobIdOf(plain)
    if (!this.#index.has(type, id) && !this.#added.has(id.toString('hex'))) {
      this.#added.add(id.toString('hex'))
      this.#builders[type].add(id, plain, this.#repository.isReadOnly ? 0 : 3)
      this.#counts[type] += 1
      if (this.#counts[type] === BLOBS_PER_PACK) {
        await this.#end(type)
      }
    }
    return id
  }

  async finish(): Promise<void> {
    await this.#end('data')
    await this.#end('tree')
    if (this.#packs.length > 0) {
      await this.#repository.writeIndex(this.#packs)
    }
  }

  async #end(type: 'data' | 'tree'): Promise<void> {
    if (this.#counts[type] > 0) {
      this.#counts[type] = 0
      const rest = this.#builders[type].rest()
      const { id, bytes } = finishPack(rest, this.#repository.sealer)
      await this.#repository.files.write('data', bytes)
      this.#packs.push({ id, blobs: rest.blobs })
    }
  }
}
