import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  addWorkspace,
  analyzeFile,
  BackupCenter,
  type FoundBackups,
  quietJob,
  Shop,
  systemClock,
} from '@tillsafe/engine'
import { failureOf } from '@tillsafe/engine/model'
import { leftoversIn } from '../leftovers.ts'
import type { ShopContent } from '../shop-content.ts'
import { createSecondShop, ledgerLines, type SmallShop } from '../small-shop.ts'
import { careForVault } from './care-for-vault.ts'
import { checkVaults, checkVaultsLeft } from './check-vaults.ts'
import { type DriverJob, ledgerOf } from './driver-job.ts'

const RECOVERS_WITHIN_MS = 10_000

/** The two states that a till may be in: as it was before a restore, and as the backup has it. */
export interface States {
  readonly before: ShopContent
  readonly restored: ShopContent
  /** What it was when other backups were taken. */
  readonly others?: readonly ShopContent[]
}

/**
 * Opens a shop after a fault, and says what does not hold, as sentences: that it starts and recovers in time, that
 * nothing acknowledged is lost, that the till is as before or as restored, that nothing is left over, and that the
 * job can be done again.
 */
export async function checkShop(shop: SmallShop, job: DriverJob, states: States): Promise<string[]> {
  try {
    return [...(await checkOpened(shop, job, states)), ...(await checkVaults(shop)), ...(await checkClosed(shop, job))]
  } catch (error) {
    return [`the shop does not work: ${(error as Error).stack}`]
  }
}

async function checkOpened(shop: SmallShop, job: DriverJob, states: States): Promise<string[]> {
  const began = performance.now()
  await using center = await shop.open()
  const took = performance.now() - began
  if (job === 'repair') {
    await careForVault(center, job) // before that, nobody can say what is left
  }
  return [
    ...(took > RECOVERS_WITHIN_MS ? [`the start took ${Math.round(took)} ms`] : []),
    ...checkContent(shop, states),
    ...checkLeftovers(shop, center),
    ...center.audit.verify(),
    ...(await checkBackups(shop, center)),
    ...(await checkVaultsLeft(shop, center, states)),
    ...(await checkNext(shop, job, center, states)),
  ]
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
    .filter((file) => !join(shop.folder, file).startsWith(shop.secondHome)) // not started yet: see checkSecondShop
    .filter((file) => !kept.has(file.split('/')[1]?.replace(/-images$/, '') ?? ''))
    .map((file) => `left over: ${file}`)
}

/** Each acknowledged backup is listed, and whatever is listed is whole. */
async function checkBackups(shop: SmallShop, center: BackupCenter): Promise<string[]> {
  const found: FoundBackups = await center.findBackups()
  const problems = [...found.problems, ...lostBackups(shop, found)]
  for (const { label } of found.backups) {
    problems.push(...(await center.verify(label.id).result).problems)
  }
  return problems
}

function lostBackups(shop: SmallShop, { backups }: FoundBackups): string[] {
  const listed = backups.map(({ label }) => label.id)
  const lost = acknowledged(shop, 'backup').filter((id) => !listed.includes(id))
  return lost.map((id) => `lost: the acknowledged backup ${id}`)
}

/** The job can be done again, now that nothing disturbs it. */
function checkNext(shop: SmallShop, job: DriverJob, center: BackupCenter, states: States): Promise<string[]> {
  switch (job) {
    case 'backup':
    case 'settings':
    case 'create':
      return checkNextBackup(center)
    case 'export':
      return checkExports(shop, center)
    case 'restore':
    case 'recover':
      return checkNextRestore(shop, center, states)
    case 'prune':
    case 'repair':
      return checkNextCare(shop, job, center)
    default:
      return job satisfies never
  }
}

/** It comes to an end, finds nothing to do then, and no backup has gone; `checkVaults` lets restic read them all. */
async function checkNextCare(shop: SmallShop, job: 'prune' | 'repair', center: BackupCenter): Promise<string[]> {
  await careForVault(center, job)
  return [
    ...(await careForVault(center, job)).map((left) => `the ${job} after it found something to do: ${left}`),
    ...(await checkNextBackup(center)),
    ...lostBackups(shop, await center.findBackups()),
  ]
}

/** What is done while no center is open: it would have the lock. */
async function checkClosed(shop: SmallShop, job: DriverJob): Promise<string[]> {
  switch (job) {
    case 'settings':
      return checkSettings(shop)
    case 'create':
      return checkSecondShop(shop)
    default:
      return []
  }
}

async function checkNextBackup(center: BackupCenter): Promise<string[]> {
  const { copies } = await center.backUp().result
  return copies.filter(({ ok }) => !ok).map((copy) => `the next backup failed: ${JSON.stringify(copy)}`)
}

/** What was exported is there and whole; what was not acknowledged is whole or not there, and can be exported now. */
async function checkExports(shop: SmallShop, center: BackupCenter): Promise<string[]> {
  const problems = acknowledged(shop, 'export')
    .filter((file) => !existsSync(file))
    .map((file) => `lost: the acknowledged export ${file}`)
  for (const file of shop.exported.filter((candidate) => existsSync(candidate))) {
    const analysis = await analyzeFile(file, center.shop, quietJob(systemClock))
    problems.push(...analysis.problems.map((problem) => `${file}: ${problem}`))
    if (analysis.identity !== 'own' && acknowledged(shop, 'export').includes(file)) {
      problems.push(`${file} is not known as the shop's own`)
    }
  }
  await center.exportArchive({ output: join(shop.folder, 'again.zip') }).result
  await center.exportDatabase({ output: join(shop.folder, 'again.db') }).result
  return [...problems, ...leftoversIn(shop).map((file) => `left over: ${file}`)]
}

async function checkNextRestore(shop: SmallShop, center: BackupCenter, states: States): Promise<string[]> {
  const { backups } = await center.findBackups()
  const plan = await center.planRestore(backups.at(-1)?.label.id ?? '')
  await onceClosed(() => center.restore(plan, { confirm: plan.confirmation, reason: 'mistake' }).result)
  return same(shop.content(), states.restored) ? [] : ['the next restore did not bring the data back']
}

/** An orphan may still read the database; then a restore is refused, as it must be, and tried again. */
async function onceClosed(restore: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await restore()
      return
    } catch (error) {
      if (failureOf(error).code !== 'source.open' || tries === 50) {
        throw error
      }
      await setTimeout(100)
    }
  }
}

/** The workspace is in the settings or not; when it was acknowledged it is, and when it is not it can be added. */
async function checkSettings(shop: SmallShop): Promise<string[]> {
  const opened = await Shop.open(shop.home)
  if (!opened.settings.workspaces.some(({ name }) => name === shop.otherWorkspace.name)) {
    await addWorkspace(opened, shop.otherWorkspace)
    return acknowledged(shop, 'workspace').map((id) => `lost: the acknowledged workspace ${id}`)
  }
  return []
}

/** A second shop that was acknowledged is there; one that was not can be made, or is there as a whole. */
async function checkSecondShop(shop: SmallShop): Promise<string[]> {
  const before = await Shop.open(shop.secondHome).catch((error: unknown) => error)
  const lost = acknowledged(shop, 'shop').filter((id) => !(before instanceof Shop) || before.identity.id !== id)
  if (!(before instanceof Shop)) {
    await createSecondShop(shop)
  }
  {
    await using _started = await BackupCenter.open(shop.secondHome, { version: '0.0.0-e2e' })
  }
  return [
    ...lost.map((id) => `lost: the acknowledged shop ${id}`),
    ...leftoversIn(shop).map((file) => `left over: ${file}`),
  ]
}

function acknowledged(shop: SmallShop, what: 'backup' | 'restore' | 'workspace' | 'shop' | 'export'): string[] {
  return ledgerLines(ledgerOf(shop.folder))
    .filter((line) => line.startsWith(what))
    .map((line) => line.slice(what.length + 1))
}

function same(one: ShopContent, other: ShopContent): boolean {
  return one.database === other.database && one.images === other.images
}
