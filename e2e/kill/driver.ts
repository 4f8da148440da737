/**
 * The program that is killed: `node driver.ts JOB FOLDER [WATCH]`. It says `ready`, waits for a line, does one job on
 * the small shop in the folder, and writes what the engine acknowledged into a ledger, synced.
 */
import childProcess from 'node:child_process'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { addWorkspace, Shop } from '@tillsafe/engine'
import { handDownFaults } from '../errno/hand-down-faults.ts'
import { createSecondShop, SmallShop } from '../small-shop.ts'
import { careForVault } from './care-for-vault.ts'
import { type DriverJob, ledgerOf } from './driver-job.ts'
import { traceChildren } from './trace-children.ts'

const [job, folder, watch] = process.argv.slice(2) as [DriverJob, string, string | undefined]
const shop = new SmallShop(folder)
const jobs: Record<DriverJob, () => Promise<void>> = {
  backup,
  restore,
  recover,
  settings,
  create,
  export: exportAll,
  prune: () => care('prune'),
  repair: () => care('repair'),
}

childProcess.fork = handDownFaults(childProcess.fork)
if (watch !== undefined) {
  childProcess.fork = traceChildren(childProcess.fork, JSON.parse(watch))
}
syncBuiltinESMExports()
await stat(folder) // from here on, the thread that works on files exists
try {
  await jobs[job]()
} catch (error) {
  const { code, message } = error as { code?: string; message: string }
  console.log(`failed: ${code ?? 'internal'}: ${message}`)
  process.exitCode = 1
}

async function backup(): Promise<void> {
  await using center = await shop.open()
  await toldToBegin()
  const outcome = await center.backUp().result
  acknowledge(`backup ${outcome.backup.label.id}`)
  for (const copy of outcome.copies) {
    if (!copy.ok) {
      console.log(`a copy failed: ${copy.error.code}: ${copy.error.message}`)
    }
  }
}

/** Of the oldest backup. */
async function restore(): Promise<void> {
  await using center = await shop.open()
  await toldToBegin()
  const { backups } = await center.findBackups()
  const id = backups.at(-1)?.label.id ?? ''
  const plan = await center.planRestore(id)
  await center.restore(plan, { confirm: plan.confirmation, reason: 'mistake' }).result
  acknowledge(`restore ${id}`)
}

async function recover(): Promise<void> {
  await toldToBegin()
  await using center = await shop.open()
  console.log(center.recovered.join('\n'))
}

async function settings(): Promise<void> {
  const opened = await Shop.open(shop.home)
  await toldToBegin()
  const { id } = await addWorkspace(opened, shop.otherWorkspace)
  acknowledge(`workspace ${id}`)
}

async function create(): Promise<void> {
  await toldToBegin()
  const { identity } = await createSecondShop(shop)
  acknowledge(`shop ${identity.id}`)
}

async function exportAll(): Promise<void> {
  await using center = await shop.open()
  await toldToBegin()
  const [archive, database] = shop.exported
  await center.exportArchive({ output: archive }).result
  acknowledge(`export ${archive}`)
  await center.exportDatabase({ output: database }).result
  acknowledge(`export ${database}`)
}

async function care(deed: 'prune' | 'repair'): Promise<void> {
  await using center = await shop.open()
  await toldToBegin()
  await careForVault(center, deed)
  acknowledge(`${deed} done`)
}

function acknowledge(line: string): void {
  const ledger = openSync(ledgerOf(folder), 'a')
  writeSync(ledger, `${line}\n`)
  fsyncSync(ledger)
  closeSync(ledger)
}

function toldToBegin(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('data', () => {
      process.stdin.destroy()
      resolve()
    })
    console.log('ready')
  })
}
