import { createCipheriv, createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../tools/needs.ts'
import { type ResticRepository, restic, resticJson, resticLines } from '../../../../tools/stock-restic.ts'
import { LocalDestination } from '../../destinations/local.ts'
import type { Label } from '../../model/index.ts'
import { bytesContent, readAll } from '../../snapshot/bytes-content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import { collect } from '../../testing/collect.ts'
import { syntheticFacts, syntheticHeading, syntheticShop, syntheticSnapshot } from '../../testing/synthetic-snapshot.ts'
import { testJob } from '../../testing/test-job.ts'
import { systemClock } from '../../work/system-clock.ts'
import { vaultUser } from '../../work/vault-user.ts'
import { VaultCare } from './care/vault-care.ts'
import { decodeTree } from './format/tree.ts'
import type { OpenedVault } from './open/opened-vault.ts'
import { vaultContent } from './open/vault-content.ts'
import { VaultWorkers } from './pool/vault-workers.ts'
import { BlobIndex } from './repository/blob-index.ts'
import { openRepository } from './repository/open-repository.ts'
import { VaultFiles } from './repository/vault-files.ts'
import { VaultStore, type VaultStoreOptions } from './vault-store.ts'

/** `TILLSAFE_RUNS=100 TILLSAFE_SEED=7` tries more, and others. */
const RUNS = Number(process.env['TILLSAFE_RUNS'] ?? 2)
const SEED = Number(process.env['TILLSAFE_SEED'] ?? 20261121)

const KIB = 1024
const MIB = 1024 * KIB
const DATABASE_SIZES = [0, 1, 4095, 4096, 4097, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 256 * KIB - 1, 256 * KIB]
const LARGER_SIZES = [256 * KIB + 1, MIB, 9 * MIB]
const IMAGE_SIZES = [0, 1, 1000, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 17 * MIB]
const DEEP = Array.from({ length: 30 }, (_, n) => `folder ${n}`).join('/')

/** The first two sort differently by their UTF-8 bytes and by their UTF-16 units; two look alike and are not the same. */
const NAMES = [
  '\u{1f600}.jpg',
  '\uff5e.jpg',
  'caf\u00e9.jpg',
  'cafe\u0301.jpg',
  'A.jpg',
  'a.jpg',
  'b.jpg',
  'b/1.jpg',
  'b-/1.jpg',
  'b/\u2028&.jpg',
  "b/it's 100% `$HOME`.jpg",
  '\u{1f600}/\uff5e/x',
  `${DEEP}/x.jpg`,
  `${'long '.repeat(40)}.jpg`,
]

describe.skipIf(needs('restic'))('a vault, beside stock restic', { timeout: 60_000 + 60_000 * RUNS }, () => {
  const top = mkdtempSync(join(tmpdir(), 'tillsafe-both-ways-'))
  afterAll(() => rmSync(top, { recursive: true }))

  test('gives back files of every size that is a boundary, in both programs', async () => {
    const rig = new Rig(mkdtempSync(join(top, 'sizes-')))
    for (const [n, bytes] of [...DATABASE_SIZES, ...LARGER_SIZES].entries()) {
      const images = n === 0 ? IMAGE_SIZES.map((size, at) => [`${size}.jpg`, { size, seed: at }] as const) : []
      await rig.save({ pageSize: 4096, bytes, seed: 1, edits: [], images: new Map(images) })
    }
    await rig.checkAll()
  })

  test('keeps every backup whole, whatever both do in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(firstSaves, fc.array(steps, { minLength: 5, maxLength: 9 }), async (first, all) => {
        const rig = new Rig(mkdtempSync(join(top, 'run-')))
        await rig.save(first)
        for (const step of all) {
          await rig.do(step)
          await rig.checkLabels()
        }
        await rig.checkAll()
        rig[Symbol.dispose]()
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    )
  })

  test.each(['1', '2'])('reads byte for byte what restic alone has kept, in its format %s', async (version) => {
    const folder = mkdtempSync(join(top, 'stock-'))
    const stock = { folder: join(folder, 'vault'), password: 'a phrase' }
    await restic(stock, ['init', '--repository-version', version])
    const files = new Map<string, Buffer>()
    for (const [n, name] of NAMES.entries()) {
      files.set(name, bytesOf([0, 1, 5000, 700 * KIB, 3 * MIB][n % 5] ?? 0, n))
    }
    files.set('quoted "\\ \n\u0001.txt', Buffer.alloc(2 * MIB))
    writeAll(join(folder, 'files'), files)
    await restic(stock, ['backup', '.'], { cwd: join(folder, 'files') })
    files.set('a.jpg', bytesOf(5001, 99))
    files.delete('b.jpg')
    const firstFiles = new Map(await readSnapshotsOf(stock))
    rmSync(join(folder, 'files'), { recursive: true })
    writeAll(join(folder, 'files'), files)
    await restic(stock, ['backup', '.'], { cwd: join(folder, 'files') })
    const found = [...(await readSnapshotsOf(stock)).values()]
    expect(found).toHaveLength(2)
    const [first] = firstFiles.values()
    expect(found.map(namesAndHashes)).toContainEqual(namesAndHashes(files))
    expect(found.map(namesAndHashes)).toContainEqual(namesAndHashes(first ?? new Map()))
    expect([...(first?.keys() ?? [])].sort()).toEqual([...files.keys(), 'b.jpg'].sort())
  })
})

/** A database and the images of a backup, as they are generated: what changes from one to the next is `edits` of it. */
interface Generated {
  readonly pageSize: number
  readonly bytes: number
  readonly seed: number
  /** Pages that are overwritten: where, how many, and with what. */
  readonly edits: readonly { readonly at: number; readonly pages: number; readonly seed: number }[]
  readonly images: ReadonlyMap<string, { readonly size: number; readonly seed: number }>
}

const edit = fc.record({ at: fc.nat(10_000), pages: fc.integer({ min: 1, max: 40 }), seed: fc.nat() })
const images = fc
  .array(
    fc.tuple(
      fc.constantFrom(...NAMES),
      fc.record({
        size: fc.oneof(
          { weight: 12, arbitrary: fc.nat(60_000) },
          { weight: 1, arbitrary: fc.constantFrom(...IMAGE_SIZES) },
        ),
        seed: fc.nat(3), // few: some are the same
      }),
    ),
    { maxLength: 12 },
  )
  .map((all) => new Map(all))
const firstSaves = fc.record({
  pageSize: fc.constantFrom(512, 1024, 4096, 8192, 65_536),
  bytes: fc.oneof(
    fc.constantFrom(...DATABASE_SIZES, ...LARGER_SIZES),
    fc.integer({ min: 1, max: 300 }).map((pages) => 4096 * pages),
  ),
  seed: fc.nat(),
  edits: fc.constant([]),
  images,
})

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('save' as const),
      edits: fc.array(edit, { maxLength: 30 }),
      grownBytes: fc.constantFrom(0, 0, 1, 512, 4096, 300_000, -4096),
      images: fc.option(images, { freq: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('restic backup' as const), bytes: fc.nat(3 * MIB), seed: fc.nat(3) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'restic forget',
        'restic tag',
        'restic prune',
        'restic key add',
        'hints lost',
        'hints corrupted',
        'hints of an earlier backup',
        'carried elsewhere',
        'forget',
        'prune',
        'prune all',
        'add key' as const,
      ),
    }),
  },
)

/** What is done next, by us or by restic. */
type Step =
  | SaveStep
  | { readonly kind: 'restic backup'; readonly bytes: number; readonly seed: number }
  | {
      readonly kind:
        | 'restic forget'
        | 'restic tag'
        | 'restic prune'
        | 'restic key add'
        | 'hints lost'
        | 'hints corrupted'
        | 'hints of an earlier backup'
        | 'carried elsewhere'
        | 'forget'
        | 'prune'
        | 'prune all'
        | 'add key'
    }

interface SaveStep {
  readonly kind: 'save'
  readonly edits: Generated['edits']
  readonly grownBytes: number
  /** None: the same as before. */
  readonly images: Generated['images'] | null
}

interface Saved {
  readonly label: Label
  readonly database: Buffer
  readonly images: ReadonlyMap<string, Buffer>
}

/** A vault that is worked in by both programs, and what should be in it. */
class Rig implements Disposable {
  readonly #folder: string
  readonly #shop = syntheticShop()
  readonly #saved: Saved[] = []
  /** What restic keeps there for itself: its snapshots, and the file in each. */
  readonly #stock = new Map<string, Buffer>()
  readonly #formerHints: string[] = []
  #place = 'place'
  #passwords = ['TILL-TEST']
  #last: Generated | undefined
  #count = 0

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(join(folder, this.#place))
  }

  async do(step: Step): Promise<void> {
    switch (step.kind) {
      case 'save':
        return await this.save(this.#changed(step))
      case 'restic backup':
        return await this.#stockBackup(bytesOf(step.bytes, step.seed))
      case 'restic forget':
        return await this.#stockForget()
      case 'restic tag':
        return await this.#tag()
      case 'restic prune':
        await restic(this.#vault, ['prune', '--max-unused', '0'])
        return
      case 'restic key add':
        return await this.#addStockKey()
      case 'hints lost':
        rmSync(this.#hints, { recursive: true, force: true })
        return
      case 'hints corrupted':
        return this.#changeHints((bytes, n) => bytes.fill(n + 1, bytes.byteLength / 2, bytes.byteLength / 2 + 9))
      case 'hints of an earlier backup':
        cpSync(this.#formerHints[0] ?? '', this.#hints, { recursive: true })
        return
      case 'carried elsewhere':
        return this.#carry()
      case 'forget': {
        const [removed] = this.#saved.length > 1 ? this.#saved.splice(0, 1) : []
        return await this.#store.remove(removed === undefined ? [] : [removed.label.id], this.#job())
      }
      case 'prune':
        await this.#care.prune({ mostRemovedShare: 1 }, this.#job())
        return
      case 'prune all':
        await this.#care.prune({ mostRemovedShare: 1, maxUnusedShare: 0 }, this.#job())
        return
      case 'add key': {
        const password = `added ${this.#count++}`
        await this.#care.addKey(password, 'random', this.#job())
        this.#passwords = [password]
        return
      }
      default:
        step satisfies never
    }
  }

  async save(generated: Generated): Promise<void> {
    this.#last = generated
    const database = databaseOf(generated)
    const imagesNow = new Map([...generated.images].map(([name, { size, seed }]) => [name, bytesOf(size, seed)]))
    const heading = syntheticHeading(this.#shop, ++this.#count)
    const facts = syntheticFacts(database)
    const fingerprint = { ...facts.database.fingerprint, pageSize: generated.pageSize }
    const snapshot = syntheticSnapshot(
      heading,
      { database },
      {
        entries: () => entriesOf(generated, database, imagesNow),
        facts: async () => ({ ...facts, database: { ...facts.database, fingerprint } }),
      },
    )
    const { label } = await this.#store.save(snapshot, this.#job())
    expect(label.problems).toEqual([])
    this.#saved.push({ label, database, images: imagesNow })
    const former = join(this.#folder, `hints ${this.#count}`)
    cpSync(this.#hints, former, { recursive: true })
    this.#formerHints.push(former)
  }

  async checkLabels(): Promise<void> {
    const listed = await collect(this.#store.list())
    expect(listed.map((one) => (one.kind === 'backup' ? one.backup.label : one))).toEqual(
      this.#saved.map(({ label }) => label),
    )
  }

  async checkAll(): Promise<void> {
    await this.checkLabels()
    expect(readdirSync(join(this.#vault.folder, 'locks'))).toEqual([])
    await restic(this.#vault, ['check', '--read-data'])
    const snapshots = await this.#ownSnapshots()
    expect(snapshots).toHaveLength(this.#saved.length)
    for (const saved of this.#saved) {
      await this.#checkByUs(saved)
      await this.#checkByRestic(
        saved,
        snapshots.find(({ tags }) => tags.includes(`backup-${saved.label.sequence}`))?.id,
      )
    }
    for (const [id, bytes] of this.#stock) {
      const target = join(this.#folder, 'restored')
      await restic(this.#vault, ['restore', id, '--target', target])
      expect(namesAndHashes(allBelow(target))).toEqual(namesAndHashes(new Map([['own.bin', bytes]])))
      rmSync(target, { recursive: true })
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true })
  }

  async #checkByUs({ label, database, images: expected }: Saved): Promise<void> {
    expect(await this.#store.verify(label.id, this.#job())).toEqual([])
    await using opened = await this.#store.open(label.id, this.#job())
    const found = new Map<string, Buffer>()
    for await (const entry of opened.entries()) {
      found.set(
        entry.part === 'images' ? entry.path.slice('images/'.length) : entry.path,
        await readAll(await entry.open()),
      )
    }
    expect(namesAndHashes(found)).toEqual(namesAndHashes(new Map([...expected, ['database.db', database]])))
  }

  async #checkByRestic({ database, images: expected }: Saved, id: string = ''): Promise<void> {
    const target = join(this.#folder, 'restored')
    await restic(this.#vault, ['restore', id, '--target', target])
    const found = allBelow(target)
    expect(found.delete('label.json')).toBe(true)
    const all = [...expected].map(([name, bytes]) => [`images/${name}`, bytes] as const)
    expect(namesAndHashes(found)).toEqual(namesAndHashes(new Map([...all, ['database/database.db', database]])))
    rmSync(target, { recursive: true })
  }

  #changed({ edits, grownBytes, images: others }: SaveStep): Generated {
    const last = this.#last as Generated
    const bytes = Math.max(0, last.bytes + grownBytes)
    return { ...last, bytes, edits: [...last.edits, ...edits], images: others ?? last.images }
  }

  async #stockBackup(bytes: Buffer): Promise<void> {
    const folder = join(this.#folder, 'own files')
    writeAll(folder, new Map([['own.bin', bytes]]))
    const said = await resticLines(this.#vault, ['backup', '--json', '--tag', 'own', '.'], { cwd: folder })
    const { snapshot_id: id } = said.at(-1) as { snapshot_id: string }
    this.#stock.set(id, bytes)
  }

  async #stockForget(): Promise<void> {
    const [id] = this.#stock.keys()
    if (id !== undefined) {
      await restic(this.#vault, ['forget', id])
      this.#stock.delete(id)
    }
  }

  /** Of our last backup: its snapshot file gets another name. */
  async #tag(): Promise<void> {
    const { id } = (await this.#ownSnapshots()).at(-1) ?? { id: '' }
    await restic(this.#vault, ['tag', '--add', `kept-${this.#count++}`, id])
  }

  /** From now on we open with the new password; restic goes on with the first. */
  async #addStockKey(): Promise<void> {
    const password = `a phrase ${this.#count++}`
    const file = join(this.#folder, 'password')
    writeFileSync(file, password)
    await restic(this.#vault, ['key', 'add', '--new-password-file', file])
    this.#passwords = [password]
  }

  #changeHints(change: (bytes: Buffer, n: number) => void): void {
    for (const [n, name] of (existsSync(this.#hints) ? readdirSync(this.#hints) : []).entries()) {
      const bytes = readFileSync(join(this.#hints, name))
      change(bytes, n)
      writeFileSync(join(this.#hints, name), bytes)
    }
  }

  #carry(): void {
    const former = join(this.#folder, this.#place)
    this.#place = `place ${this.#count++}`
    cpSync(former, join(this.#folder, this.#place), { recursive: true })
    rmSync(former, { recursive: true })
  }

  async #ownSnapshots(): Promise<{ id: string; tags: string[] }[]> {
    const found = await resticJson(this.#vault, ['snapshots', '--json', '--tag', 'tillsafe'])
    return found as { id: string; tags: string[] }[]
  }

  #job(): ReturnType<typeof testJob> {
    return testJob({ clock: systemClock })
  }

  get #hints(): string {
    return join(this.#folder, 'hints')
  }

  get #vault(): ResticRepository {
    return { folder: join(this.#folder, this.#place, 'main', 'Vault'), password: 'TILL-TEST' }
  }

  get #options(): VaultStoreOptions {
    const { signer, ...shop } = this.#shop
    return {
      destination: new LocalDestination({ path: join(this.#folder, this.#place), owner: shop.id }),
      workspace: 'main',
      shop,
      signer,
      timeZone: 'Europe/Brussels',
      passwords: this.#passwords,
      user: vaultUser(),
      hints: this.#hints,
    }
  }

  get #store(): VaultStore {
    return new VaultStore(this.#options)
  }

  get #care(): VaultCare {
    return new VaultCare(this.#options)
  }
}

function databaseOf({ bytes, seed, pageSize, edits }: Generated): Buffer {
  const database = bytesOf(bytes, seed)
  const pages = Math.ceil(bytes / pageSize)
  for (const { at, pages: count, seed: other } of pages === 0 ? [] : edits) {
    const start = (at % pages) * pageSize
    bytesOf(Math.min(count * pageSize, bytes - start), other).copy(database, start)
  }
  return database
}

async function* entriesOf(
  { pageSize, images: all }: Generated,
  database: Buffer,
  bytes: ReadonlyMap<string, Buffer>,
): AsyncIterable<Entry> {
  yield { path: 'database.db', part: 'database', pageSize, ...bytesContent(database) }
  for (const name of [...bytes.keys()].map((name) => `images/${name}`).sort()) {
    const image = name.slice('images/'.length)
    const modifiedMs = 1_763_700_000_000 + 1000 * (all.get(image)?.seed ?? 0)
    yield { path: name, part: 'images', modifiedMs, ...bytesContent(bytes.get(image) ?? Buffer.alloc(0)) }
  }
}

/** Bytes that follow from a seed: the first half of every 4096 looks random, the second half is zero. */
function bytesOf(bytes: number, seed: number): Buffer {
  const key = createHash('sha256').update(String(seed)).digest()
  const all = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes))
  for (let start = 2048; start < bytes; start += 4096) {
    all.fill(0, start, Math.min(start + 2048, bytes))
  }
  return all
}

/** Every snapshot of a repository of stock restic, read by us. */
async function readSnapshotsOf(stock: ResticRepository): Promise<Map<string, Map<string, Buffer>>> {
  const destination = new LocalDestination({ path: dirname(stock.folder), owner: '0'.repeat(32) })
  const repository = await openRepository(new VaultFiles(destination, 'vault'), [stock.password])
  const index = await repository.loadIndex()
  await using workers = new VaultWorkers(repository.key, new BlobIndex().ids('data').share())
  const found = new Map<string, Map<string, Buffer>>()
  for await (const name of repository.files.list('snapshots')) {
    const { tree } = await repository.readSnapshot(name)
    found.set(name, await readFolder({ repository, index, workers }, Buffer.from(tree, 'hex')))
  }
  return found
}

async function readFolder(vault: OpenedVault, tree: Buffer): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  for (const node of decodeTree(await vault.repository.readBlob(vault.index, 'tree', tree))) {
    if (node.kind === 'folder') {
      for (const [name, bytes] of await readFolder(vault, node.subtree)) {
        found.set(`${node.name}/${name}`, bytes)
      }
    } else if (node.kind === 'file') {
      found.set(node.name, await readAll(await vaultContent(vault, node, new AbortController().signal).open()))
    }
  }
  return found
}

function writeAll(folder: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
}

function allBelow(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => item.isFile())
  const paths = files.map((item) => join(item.parentPath, item.name))
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)]))
}

function namesAndHashes(files: ReadonlyMap<string, Buffer>): string[] {
  return [...files]
    .map(([name, bytes]) => `${name}: ${bytes.byteLength} ${createHash('sha256').update(bytes).digest('hex')}`)
    .sort()
}
