import { TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import type { VaultReading, VaultReport } from '../stores/vault/care/check/vault-report.ts'
import type { VaultKeyEntry } from '../stores/vault/care/keys.ts'
import type { PruneFigures, PruneOptions } from '../stores/vault/care/prune/prune-vault.ts'
import type { RepairOptions, RepairReport } from '../stores/vault/care/repair/repair-vault.ts'
import { VaultCare } from '../stores/vault/care/vault-care.ts'
import type { JobContext } from '../work/job-context.ts'
import type { Desk } from './desk.ts'
import type { Shop } from './shop.ts'

/** Which vault is meant, and what opens it when that is not the recovery key. */
export interface VaultRequest {
  readonly workspace?: string | undefined
  /** Its destination; needed when a workspace has vaults in several. */
  readonly destination?: string | undefined
  readonly password?: string | undefined
}

/** What can be done for a vault. Each deed takes the lock that it needs; what removes or changes something is audited. */
export interface VaultDeeds {
  check(reading: VaultReading, job: JobContext): Promise<VaultReport>
  planPrune(options: Partial<PruneOptions>, job: JobContext): Promise<PruneFigures>
  prune(options: Partial<PruneOptions>, job: JobContext): Promise<PruneFigures>
  repair(options: RepairOptions, job: JobContext): Promise<RepairReport>
  keys(): Promise<readonly VaultKeyEntry[]>
  addKey(password: string, job: JobContext): Promise<string>
  removeKey(name: string, job: JobContext): Promise<void>
  changeKey(password: string, job: JobContext): Promise<string>
}

/** The vault that is meant. Errors: `workspace.unknown`, `destination.unknown`, `usage.invalid`. */
export function careForVault(request: VaultRequest, { shop, audit }: Pick<Desk, 'shop' | 'audit'>): VaultDeeds {
  const workspace = shop.workspace(request.workspace)
  const destination = shop.destinationSettings(vaultOf(workspace, request.destination))
  const passwords = request.password === undefined ? undefined : [request.password]
  const care = new VaultCare(shop.vaultOptions(workspace, destination, passwords))
  const details = { workspace: workspace.id, destination: destination.name }
  return {
    check: (reading, job) => care.check(reading, job),
    planPrune: (options, job) => care.planPrune(options, job),
    async prune(options, job) {
      const figures = await care.prune(options, job)
      audit.add({ act: 'vault.pruned', details: { ...details, ...figures } })
      return figures
    },
    async repair(options, job) {
      const report = await care.repair(options, job)
      audit.add({ act: 'vault.repaired', details: { ...details, ...report } })
      return report
    },
    keys: () => care.keys(),
    async addKey(password, job) {
      const key = await care.addKey(password, 'phrase', job)
      audit.add({ act: 'vault.key-added', details: { ...details, key } })
      return key
    },
    async removeKey(key, job) {
      await requireNotOurs(key, shop, workspace, destination.name)
      await care.removeKey(key, job)
      audit.add({ act: 'vault.key-removed', details: { ...details, key } })
    },
    async changeKey(password, job) {
      if (request.password === undefined || request.password === shop.secrets.recoveryKey) {
        throw new TillsafeError(
          'usage.invalid',
          'the recovery key of the shop cannot be changed for this vault alone',
          {
            hint: 'Give the password to be changed with --password-file, or add another with `tillsafe vault key add`.',
          },
        )
      }
      const key = await care.changeKey(password, 'phrase', job)
      audit.add({ act: 'vault.key-changed', details: { ...details, key } })
      return key
    },
  }
}

function vaultOf({ id, copies }: WorkspaceSettings, wanted: string | undefined): string {
  const vaults = copies.filter(({ store }) => store === 'vault').map(({ destination }) => destination)
  const chosen = wanted === undefined ? vaults : vaults.filter((name) => name === wanted)
  const [only, ...others] = chosen
  if (only === undefined) {
    throw new TillsafeError('destination.unknown', `${id} has no vault${wanted === undefined ? '' : ` in ${wanted}`}`, {
      hint: '`tillsafe destination add NAME --path FOLDER --store vault` adds one; `tillsafe destination list` shows what there is.',
    })
  }
  if (others.length > 0) {
    throw new TillsafeError(
      'usage.invalid',
      `${id} has several vaults: name the destination of one (${vaults.join(', ')})`,
    )
  }
  return only
}

/** The key that the shop itself opens the vault with stays, whatever opened it now. */
async function requireNotOurs(
  key: string,
  shop: Shop,
  workspace: WorkspaceSettings,
  destination: string,
): Promise<void> {
  const own = new VaultCare(shop.vaultOptions(workspace, shop.destinationSettings(destination)))
  const found = (await own.keys()).find(({ name }) => name === key)
  if (found?.kind === 'key' && found.isInUse) {
    throw new TillsafeError(
      'usage.invalid',
      'this key is the recovery key of the shop: without it no backup could be taken',
    )
  }
}
