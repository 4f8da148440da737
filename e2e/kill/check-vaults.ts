import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BackupCenter, Shop } from '@tillsafe/engine'
import { outsideTools } from '../../tools/outside-tools.ts'
import { type ResticRepository, tryRestic } from '../../tools/stock-restic.ts'
import { contentOf } from '../shop-content.ts'
import { filesBelow, type SmallShop } from '../small-shop.ts'
import type { States } from './check-shop.ts'

const hasRestic = outsideTools.restic.isThere()

/**
 * The snapshots whose restores were compared. Their names are the hashes of what they say, down to each blob: as long as `check`
 * and our `verify` read every byte of them, they give the same again.
 */
const compared = new Set<string>()

/**
 * What does not hold of a shop's vaults right after a fault, as sentences. Stock restic finds every byte in order, gives
 * back each snapshot as one of the states that the till was in, and the same bytes as a restore of ours. It is asked to
 * mind no locks: those of who was killed are still there.
 */
export async function checkVaultsLeft(shop: SmallShop, center: BackupCenter, states: States): Promise<string[]> {
  const problems: string[] = []
  for (const vault of await vaultsOf(shop)) {
    problems.push(...(await verdict(vault, ['--no-lock', 'check', '--read-data'])))
    for (const snapshot of snapshotsIn(vault).filter((snapshot) => !compared.has(snapshot))) {
      const different = await inFolder(async (folder) => await checkSnapshot(vault, snapshot, folder))
      problems.push(...different)
      if (different.length === 0) {
        compared.add(snapshot)
      }
    }
  }
  return problems

  async function checkSnapshot(vault: ResticRepository, snapshot: string, folder: string): Promise<string[]> {
    const said = await verdict(vault, ['--no-lock', 'restore', snapshot, '--target', folder])
    const { label } = JSON.parse(readFileSync(join(folder, 'label.json'), 'utf8')) as { label: { id: string } }
    const byUs = await restoredByUs(center, label.id)
    return [
      ...said,
      ...(isKnown(folder, states) ? [] : [`restic restores ${snapshot} as something else`]),
      ...(byUs === bytesOf(folder) ? [] : [`restic and we restore different bytes of ${label.id}`]),
    ]
  }
}

/** What stock restic finds once the next job was done, as sentences: by then no lock of who was killed is in its way. */
export async function checkVaults(shop: SmallShop): Promise<string[]> {
  const found = (await vaultsOf(shop)).map(async (vault) => await verdict(vault, ['check', '--read-data']))
  return (await Promise.all(found)).flat()
}

/** None where there is no restic to look at them. */
async function vaultsOf(shop: SmallShop): Promise<ResticRepository[]> {
  if (!hasRestic) {
    return []
  }
  const password = (await Shop.open(shop.home)).secrets.recoveryKey
  return shop.destinations.flatMap((destination) =>
    filesBelow(destination)
      .filter((file) => file.endsWith('/Vault/config'))
      .map((file) => ({ folder: join(destination, file, '..'), password })),
  )
}

/** As `check` finds them: by the names of their files. */
function snapshotsIn({ folder }: ResticRepository): string[] {
  return filesBelow(join(folder, 'snapshots')).filter((name) => /^[0-9a-f]{64}$/.test(name))
}

async function verdict(vault: ResticRepository, args: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await tryRestic(vault, args)
  return exitCode === 0 ? [] : [`restic ${args.join(' ')}: ${stdout}${stderr}`]
}

/** The till's data as a restore of ours brings it back, as text to compare. */
async function restoredByUs(center: BackupCenter, id: string): Promise<string> {
  return await inFolder(async (folder) => {
    const { database, images } = await center.restoreInto({ id }, join(folder, 'restored')).result
    return [hashOf(database), ...hashesBelow(images ?? '')].join('\n')
  })
}

function bytesOf(folder: string): string {
  return [hashOf(join(folder, 'database', 'database.db')), ...hashesBelow(join(folder, 'images'))].join('\n')
}

function isKnown(folder: string, { before, restored, others = [] }: States): boolean {
  const found = contentOf(join(folder, 'database', 'database.db'), join(folder, 'images'))
  return [before, restored, ...others].some(
    ({ database, images }) => found.database === database && found.images === images,
  )
}

function hashesBelow(folder: string): string[] {
  return filesBelow(folder).map((file) => `${file} ${hashOf(join(folder, file))}`)
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-vault-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
