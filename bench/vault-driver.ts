/** One deed in a vault, in a process of its own as the peers have, told on standard input. */
import {
  closeSync,
  createWriteStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import type { Facts, Heading } from '@tillsafe/engine/model'
import { LocalDestination } from '../engine/src/destinations/local.ts'
import { fileContent } from '../engine/src/snapshot/file-content.ts'
import type { PageMap } from '../engine/src/snapshot/pages/page-map.ts'
import { PageMapper } from '../engine/src/snapshot/pages/page-mapper.ts'
import type { Snapshot } from '../engine/src/snapshot/snapshot.ts'
import { committedState } from '../engine/src/sources/sqlite/committed-state.ts'
import { VaultCare } from '../engine/src/stores/vault/care/vault-care.ts'
import { VaultStore } from '../engine/src/stores/vault/vault-store.ts'
import { ownThisProcess } from '../engine/src/work/give-back-memory.ts'
import { ed25519Signer } from '../engine/src/work/signer.ts'
import { systemClock } from '../engine/src/work/system-clock.ts'
import { vaultUser } from '../engine/src/work/vault-user.ts'

/**
 * What the driver is to do. `facts` are what a source knows of the database: it counts the SHA-256 when it has copied it. What else a
 * source does is done here: the hashes of the pages, which it makes in the same pass, and the look whether anything has changed.
 */
export interface VaultDeed {
  readonly deed: 'save' | 'verify' | 'check' | 'restore' | 'prune'
  readonly place: string
  readonly hints: string
  readonly database: string
  readonly heading: Heading
  readonly facts: Facts
  readonly privateKey: string
  /** The backups that a prune is to forget. */
  readonly forget?: readonly string[]
}

const told = JSON.parse(await text(process.stdin)) as VaultDeed
ownThisProcess()
const job = { clock: systemClock, signal: new AbortController().signal, report: () => undefined }
const place = {
  destination: new LocalDestination({ path: told.place, owner: told.heading.shop.id }),
  workspace: told.heading.workspace.id,
  shop: told.heading.shop,
  signer: ed25519Signer(told.privateKey),
  timeZone: 'Europe/Paris',
  passwords: ['bench'],
  user: vaultUser(),
  hints: told.hints,
}
const store = new VaultStore(place)

switch (told.deed) {
  case 'save':
    await store.save(snapshotOf(told), job)
    break
  case 'verify': {
    const problems = await store.verify(told.heading.id, job)
    if (problems.length > 0) {
      throw new Error(problems.join('; '))
    }
    break
  }
  case 'check': {
    const { problems } = await new VaultCare(place).check('everything', job)
    if (problems.length > 0) {
      throw new Error(problems.map(({ problem }) => problem).join('; '))
    }
    break
  }
  case 'restore': {
    await using snapshot = await store.open(told.heading.id, job)
    for await (const entry of snapshot.entries()) {
      const file = createWriteStream(told.database)
      for await (const chunk of await entry.open()) {
        if (!file.write(chunk)) {
          await new Promise((resolve) => file.once('drain', resolve))
        }
      }
      file.end()
      await finished(file)
    }
    break
  }
  case 'prune':
    await store.remove(told.forget ?? [], job)
    await new VaultCare(place).prune({ mostRemovedShare: 1 }, job)
    break
  default:
    told.deed satisfies never
}

function snapshotOf({ heading, database, hints, facts }: VaultDeed): Snapshot {
  const { pageSize } = facts.database.fingerprint
  const hashes = {
    sha256: isUnchanged(database, hints) ? readFileSync(join(hints, 'sha256'), 'utf8') : facts.database.sha256,
    map: async () => mapPages(database, pageSize),
  }
  writeFileSync(join(hints, 'sha256'), hashes.sha256)
  return {
    heading,
    async *entries() {
      yield { path: 'database.db', part: 'database', pageSize, hashes, ...fileContent(database, facts.database.bytes) }
    },
    facts: async () => facts,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** Whether the marks of the database's files are those of the last time. */
function isUnchanged(database: string, hints: string): boolean {
  mkdirSync(hints, { recursive: true })
  const [file, mark] = [join(hints, 'mark'), committedState(database)?.mark ?? '']
  const isSame = existsSync(file) && readFileSync(file, 'utf8') === mark
  writeFileSync(file, mark)
  return isSame
}

/** As a source reads it: with calls that wait, in a process of its own. */
function mapPages(file: string, pageSize: number): PageMap {
  const descriptor = openSync(file, 'r')
  try {
    const mapper = new PageMapper(pageSize, fstatSync(descriptor).size)
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      mapper.add(buffer.subarray(0, read))
    }
    return mapper.finish()
  } finally {
    closeSync(descriptor)
  }
}
