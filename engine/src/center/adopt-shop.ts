import { LocalDestination } from '../destinations/local.ts'
import { type Clock, type Recovery, type ShopSettings, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import { findRecoveries, type RecoveryFile } from './find-recoveries.ts'
import { Home } from './home.ts'
import { makeHome, requireNoHome } from './make-home.ts'
import { mergeDatabaseKeys } from './merge-database-keys.ts'
import { openAudit } from './open-audit.ts'
import { parseRecoveryKey } from './recovery-key.ts'
import { Shop } from './shop.ts'

/** What a person brings to a new machine. Paths are absolute. */
export interface Adoption {
  /** A destination of the shop: the folder that holds `recovery.age`. */
  readonly destination: string
  /** As it was typed from the paper. */
  readonly recoveryKey: string
  /** Where the data shall live on this machine, when it is not where it was: that of `workspace`, or of the first one. */
  readonly workspace?: string
  readonly database?: string
  readonly images?: string
}

export interface AdoptedShop {
  readonly shop: Shop
  /** The name of the recovery file that was used. */
  readonly from: string
  readonly writtenAt: string
}

const NOBODY = '0'.repeat(32)

/**
 * Makes the home of a shop on a new machine, from a destination and the recovery key. Nothing but the home is written.
 * Errors: `home.exists`, `destination.missing`, `recovery.missing`, `key.wrong`, `archive.damaged`, `workspace.unknown`.
 */
export async function adoptShop(folder: string, adoption: Adoption, clock: Clock): Promise<AdoptedShop> {
  const home = new Home(folder)
  requireNoHome(home)
  const recoveryKey = parseRecoveryKey(adoption.recoveryKey)
  const opened = await openAll(adoption.destination, recoveryKey)
  const { key, recovery } = opened[0]
  const databaseKeys = mergeDatabaseKeys(opened.map((file) => file.recovery.databaseKeys))
  const settings = settingsHere(recovery, adoption)
  const secrets = { kind: 'tillsafe.secrets', version: 1, recoveryKey, databaseKeys } as const
  await makeHome(home, { identity: recovery.identity, secrets, settings })
  const shop = await Shop.open(folder)
  note(shop, key, recovery, clock)
  return { shop, from: key, writtenAt: recovery.writtenAt }
}

/** The recovery files of one shop in a folder, the newest first. */
async function openAll(path: string, recoveryKey: string): Promise<[RecoveryFile, ...RecoveryFile[]]> {
  const { opened, closed } = await findRecoveries(new LocalDestination({ path, owner: NOBODY }), recoveryKey)
  const [newest, ...older] = opened
  if (newest !== undefined) {
    return [newest, ...older.filter(({ recovery }) => recovery.identity.id === newest.recovery.identity.id)]
  }
  const [first, ...others] = closed.map(({ key, failure }) => `${key}: ${failure.message}`)
  if (first === undefined) {
    throw new TillsafeError('recovery.missing', `there is no recovery.age in ${path}`)
  }
  const isWrongKey = closed.some(({ failure }) => failure.code === 'key.wrong')
  const why = [first, ...others].join('; ')
  throw isWrongKey
    ? new TillsafeError('key.wrong', `the recovery key opens no recovery file in ${path}: ${why}`, {
        hint: 'The key was typed without a mistake, so it is that of another shop, or the file is damaged: try another destination.',
      })
    : new TillsafeError('archive.damaged', `no recovery file in ${path} is whole: ${why}`, {
        hint: 'Try another destination of the shop: each has one.',
      })
}

/** The settings as they were, with the paths of this machine where they are known. */
function settingsHere({ settings, destination }: Recovery, adoption: Adoption): ShopSettings {
  const chosen = chosenWorkspace(settings, adoption.workspace)
  return {
    ...settings,
    destinations: settings.destinations.map((one) =>
      one.name === destination ? { ...one, path: adoption.destination } : one,
    ),
    workspaces: settings.workspaces.map((one) => (one === chosen ? movedTo(one, adoption) : one)),
  }
}

function chosenWorkspace({ workspaces }: ShopSettings, name: string | undefined): WorkspaceSettings {
  const chosen = workspaces.find(({ id, name: title }) => name === undefined || id === name || title === name)
  if (chosen === undefined) {
    throw new TillsafeError('workspace.unknown', `the shop has no workspace ${name}`, {
      hint: `It has ${workspaces.map(({ id }) => id).join(', ')}.`,
    })
  }
  return chosen
}

function movedTo(workspace: WorkspaceSettings, { database, images }: Adoption): WorkspaceSettings {
  const source = {
    ...workspace.source,
    ...(database === undefined ? {} : { database }),
    ...(images === undefined ? {} : { images }),
  }
  return { ...workspace, source }
}

function note(shop: Shop, key: string, { writtenAt, destination }: Recovery, clock: Clock): void {
  using audit = openAudit(shop, clock)
  audit.log.add({ act: 'shop.adopted', details: { recovery: key, destination, writtenAt } })
}
