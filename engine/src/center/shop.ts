import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Destination } from '../destinations/destination.ts'
import { LocalDestination } from '../destinations/local.ts'
import {
  type Clock,
  type CopySettings,
  type DestinationSettings,
  failureOf,
  Identity,
  type RandomBytes,
  type SchemaMap,
  type Secrets,
  type ShopMark,
  ShopSettings,
  type StoreKind,
  TillsafeError,
  type WorkspaceSettings,
} from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import type { Source } from '../sources/source.ts'
import { SqliteSource } from '../sources/sqlite/sqlite-source.ts'
import { ArchiveStore } from '../stores/archive/archive-store.ts'
import { CopiesStore } from '../stores/copies/copies-store.ts'
import type { Store } from '../stores/store.ts'
import type { StorePlace } from '../stores/store-place.ts'
import { VaultStore, type VaultStoreOptions } from '../stores/vault/vault-store.ts'
import { ed25519Signer, type Signer } from '../work/signer.ts'
import { vaultUser } from '../work/vault-user.ts'
import { requireApart } from './check-settings.ts'
import { databaseKeysOf } from './database-keys.ts'
import { Home } from './home.ts'
import { readJsonFile } from './read-json-file.ts'
import { readSecrets } from './secrets.ts'

/** Where one workspace's backups are kept: a store in a destination. */
export interface Shelf {
  readonly destination: DestinationSettings
  readonly settings: CopySettings
  readonly store: Store
}

/** A shop as its home folder describes it: who it is, what it decided, and the parts that follow from that. */
export class Shop {
  readonly home: Home
  readonly identity: Identity
  readonly settings: ShopSettings
  /** Never shown, logged or stored anywhere but in `secrets.json` and, sealed, in `recovery.age`. */
  readonly secrets: Secrets
  readonly signer: Signer
  readonly random: RandomBytes = (count) => randomBytes(count)

  private constructor(home: Home, identity: Identity, settings: ShopSettings, secrets: Secrets) {
    this.home = home
    this.identity = identity
    this.settings = settings
    this.secrets = secrets
    this.signer = ed25519Signer(identity.privateKey)
  }

  /** Errors: `home.missing`, `home.damaged`, `settings.invalid`. */
  static async open(folder: string): Promise<Shop> {
    const home = new Home(folder)
    const settings = await readJsonFile(home.settings, ShopSettings, 'settings.invalid')
    if (settings === undefined) {
      throw new TillsafeError('home.missing', `there is no shop in ${folder}`)
    }
    requireApart(settings, home)
    const identity = await readJsonFile(home.identity, Identity, 'home.damaged')
    if (identity === undefined) {
      throw new TillsafeError(
        'home.damaged',
        `${home.identity} is missing: without it no backup can be signed or known as ours`,
      )
    }
    return new Shop(home, identity, settings, await readSecrets(home))
  }

  get mark(): ShopMark {
    return { id: this.identity.id, name: this.settings.shop.name, publicKey: this.signer.publicKey }
  }

  /** The workspace of this id or name; the first one when none is named. */
  workspace(name?: string): WorkspaceSettings {
    const found = this.settings.workspaces.find(
      ({ id, name: title }) => name === undefined || id === name || title === name,
    )
    if (found === undefined) {
      throw new TillsafeError('workspace.unknown', `there is no workspace ${name}`)
    }
    return found
  }

  /** A schema map that is not there any more stops neither a backup nor a restore: the backup says so. */
  async source(workspace: WorkspaceSettings): Promise<Source> {
    const { schemaMap, problems } = await readMap(workspace)
    return new SqliteSource({
      settings: workspace.source,
      scratch: this.home.scratch,
      lastRead: join(this.home.vaultHints, `${workspace.id}.read`),
      keys: databaseKeysOf(this.secrets, workspace),
      problems,
      ...(schemaMap && { schemaMap }),
    })
  }

  /** Where a workspace's backups are kept, in the order of the settings. */
  shelves(workspace: WorkspaceSettings, only: readonly string[] = []): Shelf[] {
    for (const name of only) {
      this.destinationSettings(name)
    }
    return workspace.copies
      .filter((copy) => only.length === 0 || only.includes(copy.destination))
      .map((settings) => {
        const destination = this.destinationSettings(settings.destination)
        return { destination, settings, store: this.#store(workspace, destination, settings.store) }
      })
  }

  destination(settings: DestinationSettings): Destination {
    return new LocalDestination({ path: settings.path, owner: this.identity.id })
  }

  destinationSettings(name: string): DestinationSettings {
    const found = this.settings.destinations.find((destination) => destination.name === name)
    if (found === undefined) {
      throw new TillsafeError('destination.unknown', `there is no destination ${name}`)
    }
    return found
  }

  /** The vault of a workspace in a destination: opened with the recovery key, or with these passwords. */
  vaultOptions(
    workspace: WorkspaceSettings,
    settings: DestinationSettings,
    passwords: readonly string[] = [this.secrets.recoveryKey],
  ): VaultStoreOptions {
    return { ...this.#place(workspace, settings), passwords, user: vaultUser(), hints: this.home.vaultHints }
  }

  #place(workspace: WorkspaceSettings, settings: DestinationSettings): Omit<StorePlace, 'ending'> {
    return {
      destination: this.destination(settings),
      workspace: workspace.id,
      shop: this.mark,
      signer: this.signer,
      timeZone: this.settings.shop.timeZone,
    }
  }

  #store(workspace: WorkspaceSettings, settings: DestinationSettings, kind: StoreKind): Store {
    const place = this.#place(workspace, settings)
    switch (kind) {
      case 'copies':
        return new CopiesStore(place)
      case 'archive':
        return new ArchiveStore({ ...place, scratch: this.home.scratch })
      case 'vault':
        return new VaultStore(this.vaultOptions(workspace, settings))
      default:
        return kind satisfies never
    }
  }
}

async function readMap({ schemaMap }: WorkspaceSettings): Promise<{ schemaMap?: SchemaMap; problems: string[] }> {
  if (schemaMap === undefined) {
    return { problems: [] }
  }
  try {
    return { schemaMap: await readSchemaMap(schemaMap), problems: [] }
  } catch (error) {
    return { problems: [failureOf(error).message] }
  }
}

/** A job that nobody watches and nobody cancels: for short reading. */
export function quietJob(clock: Clock): { clock: Clock; signal: AbortSignal; report(): void } {
  return { clock, signal: new AbortController().signal, report: () => undefined }
}
