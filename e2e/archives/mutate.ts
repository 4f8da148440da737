/**
 * `node e2e/archives/mutate.ts --count N --seed S [--walls EVERY] [--keep FOLDER]`: mutates an archive of the engine in
 * many ways, and prints what came of it. Every so many-th is unpacked behind walls, the others in this process.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type MutantVerdict, MutationRig } from './mutation-rig.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    walls: { type: 'string', default: '50' },
    keep: { type: 'string' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-mutants-'))
const uncaught: unknown[] = []
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('uncaughtException', hear)
process.on('unhandledRejection', hear)
process.exitCode = 1 // until the summary knows better
const begun = performance.now()
const rig = await MutationRig.make(folder, Number(values.seed))
for (const behindWalls of [false, true]) {
  if ((await rig.tryUnharmed(behindWalls)) !== 'the same') {
    throw new Error('the archive itself is not read')
  }
}
const verdicts: Omit<MutantVerdict, 'mutant'>[] = []
for (let n = 1; n <= Number(values.count); n++) {
  const { mutant, ...verdict } = await rig.tryOne(n % Number(values.walls) === 0)
  verdicts.push(verdict)
  if (verdict.problem !== undefined) {
    console.log(`PROBLEM: ${n}, ${verdict.mutation}: ${verdict.problem}`)
    keep(n, mutant)
  }
}
summarize()

function hear(error: unknown): void {
  uncaught.push(error)
  console.log('PROBLEM: uncaught', error)
}

function keep(n: number, mutant: Buffer): void {
  if (values.keep !== undefined) {
    mkdirSync(values.keep, { recursive: true })
    writeFileSync(join(values.keep, `${n}.zip`), mutant)
  }
}

function summarize(): void {
  const problems = verdicts.filter(({ problem }) => problem !== undefined)
  const slowest = Math.round(Math.max(...verdicts.map(({ milliseconds }) => milliseconds)))
  const seconds = Math.round((performance.now() - begun) / 1000)
  for (const [mutation, all] of Map.groupBy(verdicts, (verdict) => verdict.mutation)) {
    console.log(`${mutation.padEnd(60)} ${counts(all)}`)
  }
  console.log(
    `\n${verdicts.length} mutants of an archive of ${rig.archiveBytes} bytes in ${seconds} s, seed ${values.seed}`,
  )
  console.log(`${counts(verdicts)}; the slowest took ${slowest} ms`)
  console.log(`${problems.length} problems, ${uncaught.length} uncaught`)
  process.exitCode = problems.length + uncaught.length > 0 ? 1 : 0
}

function counts(all: readonly Omit<MutantVerdict, 'mutant'>[]): string {
  const groups = Map.groupBy(all, ({ outcome }) => outcome)
  return [...groups].map(([outcome, { length }]) => `${outcome} ${length}`).join(', ')
}
