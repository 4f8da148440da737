/**
 * What a month of backups of a database adds to a vault by the rules of its cut, without a repository: each new blob is
 * counted as it would lie there, compressed and sealed, with its entries in pack, index and tree. Day by day 0.3 % new
 * rows. `npx node bench/vault-cut.ts [--gigabytes 0.3] [--days 30] [--kind random|append] [--restic] [--note]`;
 * `--restic` backs the same files up with restic.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createShop, growDatabase } from '@tillsafe/demo'
import { bytesContent } from '../engine/src/snapshot/bytes-content.ts'
import { fileContent } from '../engine/src/snapshot/file-content.ts'
import { PageMapper } from '../engine/src/snapshot/pages/page-mapper.ts'
import { cutDatabase, type FormerDatabase } from '../engine/src/stores/vault/cut/cut-database.ts'
import { makeAppendOnlyShop } from './append-only-shop.ts'
import { CountedVault } from './counted-vault.ts'
import { median } from './median.ts'
import { noteResults } from './note-results.ts'
import { sizeOf } from './size-of.ts'

const PAGE = 4096
const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '0.3' },
    days: { type: 'string', default: '30' },
    kind: { type: 'string', default: 'random' },
    restic: { type: 'boolean', default: false },
    note: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-bench-'))
try {
  const file = join(folder, 'data', 'pos.db')
  mkdirSync(join(folder, 'data'))
  await makeDatabase(file)
  const vault = new CountedVault()
  let former: FormerDatabase | undefined
  const days: { ours: number; peer: number; cutMs: number; changed: number }[] = []
  let before = Buffer.alloc(0)
  for (let day = 0; day <= Number(values.days); day += 1) {
    if (day > 0) {
      await growDatabase(file, Math.round(before.byteLength * 1.003), { seed: 100 + day })
    }
    const state = readFileSync(file)
    const changed = changedPages(before, state)
    const { stored, cutMs, database } = await vault.save(fileContent(file, state.byteLength), PAGE, former)
    former = database
    before = state
    const peer = values.restic ? backUpWithRestic() : Number.NaN
    days.push({ ours: stored, peer, cutMs, changed: changed.length })
    console.log(
      `day ${day}: ${megabytes(stored)}, restic ${megabytes(peer)}, ${changed.length} pages, ${former.cut.bytes.length} blobs, cut ${cutMs.toFixed(0)} ms`,
    )
  }
  const lines = [...summary(days), await unchanged(before, former)]
  console.log(lines.join('\n'))
  if (values.note) {
    noteResults('vault-cut', lines)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function makeDatabase(file: string): Promise<void> {
  const till = await createShop({ folder: join(folder, 'till'), seed: 1, days: 30, until: '2026-11-20', pictures: 0 })
  await growDatabase(till.databaseFile, Number(values.gigabytes) * 1e9)
  if (values.kind === 'append') {
    makeAppendOnlyShop(till.databaseFile, file)
  } else {
    copyFileSync(till.databaseFile, file)
  }
  rmSync(join(folder, 'till'), { recursive: true })
}

function changedPages(before: Buffer, state: Buffer): number[] {
  const numbers: number[] = []
  for (let at = 0; at < state.byteLength; at += PAGE) {
    if (at >= before.byteLength || state.compare(before, at, at + PAGE, at, at + PAGE) !== 0) {
      numbers.push(at / PAGE + 1)
    }
  }
  return numbers
}

function backUpWithRestic(): number {
  const repository = join(folder, 'restic')
  const env = {
    ...process.env,
    RESTIC_PASSWORD: 'bench',
    RESTIC_CACHE_DIR: join(folder, 'cache'),
    RESTIC_REPOSITORY: repository,
  }
  mkdirSync(repository, { recursive: true })
  const before = sizeOf(repository)
  for (const words of before === 0
    ? [['init'], ['backup', join(folder, 'data')]]
    : [['backup', join(folder, 'data')]]) {
    const { status, stderr } = spawnSync('restic', ['-q', ...words], { env, encoding: 'utf8' })
    if (status !== 0) {
      throw new Error(`restic failed: ${stderr}`)
    }
  }
  return sizeOf(repository) - before
}

/** Hashing the pages, from memory, and comparing them. */
async function unchanged(state: Buffer, former: FormerDatabase | undefined): Promise<string> {
  const rounds: number[] = []
  for (let round = 0; round < 7; round += 1) {
    const begun = performance.now()
    const mapper = new PageMapper(PAGE, state.byteLength)
    mapper.add(state)
    for await (const piece of cutDatabase(bytesContent(state), mapper.finish(), former)) {
      if (piece.kind === 'new') {
        throw new Error('an unchanged database has a new piece')
      }
    }
    rounds.push(((performance.now() - begun) * 1e9) / state.byteLength)
  }
  return `nothing changed, from memory: ${median(rounds).toFixed(0)} ms per GB (fastest ${Math.min(...rounds).toFixed(0)}; goal: at most 250), median of 7`
}

function summary(days: readonly { ours: number; peer: number; changed: number; cutMs: number }[]): string[] {
  const [first, ...next] = days
  const total = (key: 'ours' | 'peer'): number => days.reduce((sum, day) => sum + day[key], 0)
  const day = (key: 'ours' | 'peer' | 'changed' | 'cutMs'): number => median(next.map((one) => one[key]))
  return [
    `${values.kind}, ${values.gigabytes} GB: first ${megabytes(first?.ours ?? 0)}, restic ${megabytes(first?.peer ?? 0)}, ratio ${ratio(first?.ours ?? 0, first?.peer ?? 0)}`,
    `a day, median of ${next.length}: ${megabytes(day('ours'))}, restic ${megabytes(day('peer'))}, ratio ${ratio(day('ours'), day('peer'))}; ${day('changed')} pages changed; cut ${day('cutMs').toFixed(0)} ms, compression left out`,
    `after ${days.length} days: ${megabytes(total('ours'))}, restic ${megabytes(total('peer'))}, ratio ${ratio(total('ours'), total('peer'))}`,
  ]
}

function ratio(ours: number, peer: number): string {
  return (ours / peer).toFixed(3)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}
