import type { BackupCenter, FoundBackups } from '@tillsafe/engine'
import { leftoversIn } from '../leftovers.ts'
import type { ShopContent } from '../shop-content.ts'
import { ledgerLines, type SmallShop } from '../small-shop.ts'
import { type DriverJob, ledgerOf } from './driver-job.ts'

const RECOVERS_WITHIN_MS = 10_000

/** The two states that a till may be in: as it was before a restore, and as the backup has it. */
export interface States {
  readonly before: ShopContent
  readonly restored: ShopContent
}

/**
 * Opens a shop after a fault, and says what does not hold, as sentences: that it starts and recovers in time, that
 * nothing acknowledged is lost, that the till is as before or as restored, that nothing is left over, and that the
 * job can be done again.
 */
export async function checkShop(shop: SmallShop, job: DriverJob, states: States): Promise<string[]> {
  const began = performance.now()
  try {
    await using center = await shop.open()
    const took = performance.now() - began
    return [
      ...(took > RECOVERS_WITHIN_MS ? [`the start took ${Math.round(took)} ms`] : []),
      ...checkContent(shop, states),
      ...checkLeftovers(shop, center),
      ...center.audit.verify(),
      ...(await checkBackups(shop, center)),
      ...(await checkAgain(shop, job, center, states)),
    ]
  } catch (error) {
    return [`the shop does not work: ${(error as Error).stack}`]
  }
}

function checkContent(shop: SmallShop, { before, restored }: States): string[] {
  const now = shop.content()
  const stateOf = (part: keyof ShopContent) =>
    now[part] === before[part]
      ? 'as before'
      : now[part] === restored[part]
        ? 'as restored'
        : `something else:\n${now[part]}`
  const [database, images] = [stateOf('database'), stateOf('images')]
  if (database !== images) {
    return [`the database is ${database}, the images are ${images}`]
  }
  return database === 'as before' && acknowledged(shop, 'restore').length > 0
    ? ['a restore was acknowledged, and its data is not there']
    : []
}

/** What a finished restore keeps is no leftover. */
function checkLeftovers(shop: SmallShop, center: BackupCenter): string[] {
  const kept = new Set(
    center.audit
      .entries()
      .filter(({ act }) => act === 'restore.done' || act === 'restore.finished-after-interruption')
      .map(({ details }) => `.tillsafe-restore-${details['restore']}`),
  )
  return leftoversIn(shop)
    .filter((file) => !kept.has(file.split('/')[1]?.replace(/-images$/, '') ?? ''))
    .map((file) => `left over: ${file}`)
}

/** Each acknowledged backup is listed, and whatever is listed is whole. */
async function checkBackups(shop: SmallShop, center: BackupCenter): Promise<string[]> {
  const found: FoundBackups = await center.findBackups()
  const listed = found.backups.map((backup) => backup.label.id)
  const lost = acknowledged(shop, 'backup').filter((id) => !listed.includes(id))
  const problems = [...found.problems, ...lost.map((id) => `lost: the acknowledged backup ${id}`)]
  for (const id of listed) {
    problems.push(...(await center.verify(id).result).problems)
  }
  return problems
}

async function checkAgain(shop: SmallShop, job: DriverJob, center: BackupCenter, states: States): Promise<string[]> {
  if (job === 'backup') {
    const { copies } = await center.backUp().result
    return copies.filter(({ ok }) => !ok).map((copy) => `the next backup failed: ${JSON.stringify(copy)}`)
  }
  const { backups } = await center.findBackups()
  const plan = await center.planRestore(backups.at(-1)?.label.id ?? '')
  await center.restore(plan, { confirm: plan.confirmation, reason: 'mistake' }).result
  return same(shop.content(), states.restored) ? [] : ['the next restore did not bring the data back']
}

function acknowledged(shop: SmallShop, what: 'backup' | 'restore'): string[] {
  return ledgerLines(ledgerOf(shop.folder))
    .filter((line) => line.startsWith(what))
    .map((line) => line.slice(what.length + 1))
}

function same(one: ShopContent, other: ShopContent): boolean {
  return one.database === other.database && one.images === other.images
}
