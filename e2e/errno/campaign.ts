/**
 * `npx node e2e/errno/campaign.ts --scenario backup|restore|start|settings|export|prune [--errors ENOSPC,EIO,EROFS] [--mode once|sticky]
 * [--points N] [--seed S] [--start NAMES] [--only N]`: lets each call that changes the disk fail, and prints what came of it.
 */
import { parseArgs } from 'node:util'
import { needs } from '../../tools/needs.ts'
import type { ErrnoAttempt } from './errno-rig.ts'
import { type DiskError, diskErrors, type FaultMode } from './fault-control.ts'
import { type ErrnoScenario, runErrnoCampaign } from './run-errno-campaign.ts'

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'backup' },
    errors: { type: 'string', default: diskErrors.join() },
    mode: { type: 'string', default: 'once,sticky' },
    points: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    start: { type: 'string' },
    only: { type: 'string' },
  },
})

if (!needs('gcc', 'C headers')) {
  const began = performance.now()
  const { known, attempts } = await runErrnoCampaign(
    {
      scenario: values.scenario as ErrnoScenario,
      errors: values.errors.split(',') as DiskError[],
      modes: values.mode.split(',') as FaultMode[],
      points: Number(values.points),
      seed: Number(values.seed),
      ...(values.start === undefined ? {} : { starts: values.start.split(',') }),
      ...(values.only === undefined ? {} : { only: Number(values.only) }),
    },
    tell,
  )
  summarize(known, attempts, Math.round((performance.now() - began) / 1000))
  process.exitCode = attempts.some(({ problems }) => problems.length > 0) ? 1 : 0
}

function tell({ job, start, error, mode, point, outcome, said, hit, problems }: ErrnoAttempt): void {
  const where = hit === '' ? `not reached: ${point.call} ${point.on}` : hit
  console.log(`${job} ${start} ${error} ${mode} ${point.n} [${where}] ${outcome} ${said.replaceAll('\n', ' | ')}`)
  for (const problem of problems) {
    console.log(`  PROBLEM: ${problem}`)
  }
}

function summarize(known: number, attempts: readonly ErrnoAttempt[], seconds: number): void {
  const failures = attempts.filter(({ problems }) => problems.length > 0)
  console.log(`\n${values.scenario}: ${attempts.length} of ${known} faults in ${seconds} s, seed ${values.seed}`)
  console.log(`runs: ${counts(attempts, ({ job, start, error, mode }) => `${job} ${start} ${error} ${mode}`)}`)
  console.log(`calls: ${counts(attempts, ({ hit }) => hit.split(' ')[0] || 'none')}`)
  console.log(`outcomes: ${counts(attempts, ({ outcome }) => outcome)}`)
  console.log(`codes: ${counts(attempts, ({ said }) => /failed: ([\w.-]+):/.exec(said)?.[1] ?? 'none')}`)
  console.log(`${failures.length} failures`)
  for (const { start, error, mode, point } of failures) {
    console.log(`  --scenario ${values.scenario} --start ${start} --errors ${error} --mode ${mode} --only ${point.n}`)
  }
}

function counts(attempts: readonly ErrnoAttempt[], kindOf: (attempt: ErrnoAttempt) => string): string {
  return [...Map.groupBy(attempts, kindOf)].map(([kind, all]) => `${kind} ${all.length}`).join(', ')
}
