/**
 * `node e2e/kill/campaign.ts --scenario backup|restore|recover --points N --seed S [--only VICTIM:CALL:N]`: kills a job
 * at many points, and prints what came of it.
 */
import { parseArgs } from 'node:util'
import { needs } from '../../tools/needs.ts'
import type { DriverJob } from './driver-job.ts'
import { nameOf } from './kill-point.ts'
import type { Attempt } from './kill-rig.ts'
import { runCampaign } from './run-campaign.ts'

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'backup' },
    points: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})

if (!needs('strace', 'tracing')) {
  const began = performance.now()
  const { known, attempts } = await runCampaign(
    {
      job: values.scenario as DriverJob,
      points: Number(values.points),
      seed: Number(values.seed),
      ...(values.only === undefined ? {} : { only: values.only }),
    },
    tell,
  )
  summarize(known, attempts, Math.round((performance.now() - began) / 1000))
  process.exitCode = attempts.some(({ problems }) => problems.length > 0) ? 1 : 0
}

function tell({ point, outcome, said, problems }: Attempt): void {
  console.log(`${nameOf(point).padEnd(26)} ${outcome.padEnd(6)} ${point.on} ${said.split('\n')[0]}`)
  for (const problem of problems) {
    console.log(`  PROBLEM: ${problem}`)
  }
}

function summarize(known: number, attempts: readonly Attempt[], seconds: number): void {
  const failures = attempts.filter(({ problems }) => problems.length > 0)
  console.log(`\n${values.scenario}: ${attempts.length} of ${known} points in ${seconds} s, seed ${values.seed}`)
  console.log(`calls: ${counts(attempts.map(({ point }) => point.call))}`)
  console.log(`victims: ${counts(attempts.map(({ point }) => point.victim))}`)
  console.log(`outcomes: ${counts(attempts.map(({ outcome }) => outcome))}`)
  console.log(`${failures.length} failures`)
  for (const { point } of failures) {
    console.log(
      `  again: node e2e/kill/campaign.ts --scenario ${values.scenario} --seed ${values.seed} --only ${nameOf(point)}`,
    )
  }
}

function counts(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name} ${all.length}`).join(', ')
}
