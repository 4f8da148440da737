/** `node e2e/power/campaign.ts --cycles N`: cuts the power of a small shop N times, and a control that does not sync. */
import { parseArgs } from 'node:util'
import { needs } from '../../tools/needs.ts'
import { runPowerCuts } from './run-power-cuts.ts'

const { values } = parseArgs({ options: { cycles: { type: 'string', default: '30' } } })

if (!needs('loop mount', 'mkfs.ext4', 'perl', 'strace', 'tracing')) {
  const began = performance.now()
  const { cuts, control } = await runPowerCuts(Number(values.cycles), ({ job, afterMs, acknowledged, problems }) => {
    console.log(`${job} cut at ${afterMs}: ${acknowledged ? 'acknowledged' : 'not acknowledged'}`, ...problems)
  })
  const failed = cuts.filter(({ problems }) => problems.length > 0)
  const lost = control.filter(({ problems }) => problems.length > 0)
  console.log(`${cuts.length} power cuts in ${Math.round((performance.now() - began) / 1000)} s`)
  console.log(
    `${cuts.filter(({ acknowledged }) => acknowledged).length} jobs were acknowledged, ${failed.length} cuts with problems`,
  )
  console.log(`control without syncs: ${lost.length} of ${control.length} lost something`)
  process.exitCode = failed.length === 0 && lost.length > 0 ? 0 : 1
}
