/**
 * `npx node e2e/corrupt/campaign.ts [--by shop|tasks] --count N --seed S [--restore-every 20] [--only NUMBER]`: gives N
 * damaged databases to a shop, as its live database and as files to look into and to restore (or, by tasks, to the parts of
 * the engine that read them), and prints what came of it.
 */
import { parseArgs } from 'node:util'
import { type MutantResult, runCorruptCampaign } from './run-corrupt-campaign.ts'

const { values } = parseArgs({
  options: {
    by: { type: 'string', default: 'shop' },
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'restore-every': { type: 'string', default: '20' },
    only: { type: 'string' },
  },
})

const began = performance.now()
const results = await runCorruptCampaign(
  {
    by: values.by === 'tasks' ? 'tasks' : 'shop',
    count: Number(values.count),
    seed: Number(values.seed),
    restoreEvery: Number(values['restore-every']),
    ...(values.only === undefined ? {} : { only: Number(values.only) }),
  },
  tell,
)
const failures = results.filter(({ problems }) => problems.length > 0)
console.log(`\n${results.length} mutants in ${Math.round((performance.now() - began) / 1000)} s, seed ${values.seed}`)
for (const deed of new Set(results.flatMap(({ deeds }) => Object.keys(deeds)))) {
  const done = results.flatMap(({ deeds }) => deeds[deed] ?? [])
  const outcomes = Map.groupBy(done, ({ outcome }) => outcome)
  const longest = Math.max(0, ...done.map(({ ms }) => ms))
  const mean = done.reduce((sum, { ms }) => sum + ms, 0) / done.length
  console.log(
    `${deed}: ${done.length}; ${[...outcomes].map(([outcome, all]) => `${outcome} ${all.length}`).join(', ')}; mean ${mean.toFixed(0)} ms, longest ${longest.toFixed(0)} ms`,
  )
}
console.log(`${failures.length} failures`)
process.exitCode = failures.length === 0 ? 0 : 1

function tell({ number, base, mutation, deeds, problems }: MutantResult): void {
  const outcomes = Object.entries(deeds).map(([deed, { outcome, ms }]) => `${deed} ${outcome} ${ms.toFixed(0)} ms`)
  console.log(`${number} ${base}, ${mutation}: ${outcomes.join('; ')}`)
  for (const problem of problems) {
    console.log(
      `  PROBLEM: ${problem} (--by ${values.by} --seed ${values.seed} --count ${values.count} --only ${number})`,
    )
  }
}
