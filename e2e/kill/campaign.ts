/**
 * `npx node e2e/kill/campaign.ts --scenario backup|restore|recover|settings|export|prune|repair --points N --seed S [--start NAME]
 * [--only VICTIM:CALL:N]`: kills a job at many points, and prints what came of it.
 */
import { parseArgs } from 'node:util'
import { needs } from '../../tools/needs.ts'
import { nameOf } from './kill-point.ts'
import type { Attempt } from './kill-rig.ts'
import { runCampaign } from './run-campaign.ts'
import type { ScenarioName } from './scenarios.ts'

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'backup' },
    points: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    start: { type: 'string' },
    only: { type: 'string' },
  },
})

if (!needs('strace', 'tracing')) {
  const began = performance.now()
  const { known, attempts } = await runCampaign(
    {
      scenario: values.scenario as ScenarioName,
      points: Number(values.points),
      seed: Number(values.seed),
      ...(values.start === undefined ? {} : { start: values.start }),
      ...(values.only === undefined ? {} : { only: values.only }),
    },
    tell,
  )
  summarize(known, attempts, Math.round((performance.now() - began) / 1000))
  process.exitCode = attempts.some(({ problems }) => problems.length > 0) ? 1 : 0
}

function tell({ start, point, outcome, said, problems }: Attempt): void {
  console.log(`${start} ${nameOf(point).padEnd(26)} ${outcome.padEnd(6)} ${point.on} ${said.split('\n')[0]}`)
  for (const problem of problems) {
    console.log(`  PROBLEM: ${problem}`)
  }
}

function summarize(known: number, attempts: readonly Attempt[], seconds: number): void {
  const failures = attempts.filter(({ problems }) => problems.length > 0)
  console.log(`\n${values.scenario}: ${attempts.length} of ${known} points in ${seconds} s, seed ${values.seed}`)
  console.log(`calls: ${counts(attempts.map(({ point }) => point.call))}`)
  console.log(`starts: ${counts(attempts.map(({ start }) => start))}`)
  console.log(`victims: ${counts(attempts.map(({ point }) => point.victim))}`)
  console.log(`outcomes: ${counts(attempts.map(({ outcome }) => outcome))}`)
  console.log(`${failures.length} failures`)
  for (const { start, point } of failures) {
    console.log(
      `  again: npx node e2e/kill/campaign.ts --scenario ${values.scenario} --seed ${values.seed} --start ${start} --only ${nameOf(point)}`,
    )
  }
}

function counts(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name} ${all.length}`).join(', ')
}
