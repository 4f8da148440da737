/**
 * `npx node e2e/power/campaign.ts [--scenario cuts|lying] [--disk ext4|xfs] [--start traded|vault] --cycles N`: cuts the
 * power of a small shop N times, with a control that does not sync; or crashes it N times on a disk that only says it
 * syncs.
 */
import { parseArgs } from 'node:util'
import { needs } from '../../tools/needs.ts'
import type { FileSystem } from '../mounted-disk.ts'
import type { PowerCut, PowerCutResult, PowerStart } from './power-rig.ts'
import { runLyingSyncs, runPowerCuts } from './run-power-cuts.ts'

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'cuts' },
    disk: { type: 'string', default: 'ext4' },
    start: { type: 'string', default: 'traded' },
    cycles: { type: 'string', default: '30' },
  },
})
const disk = values.disk as FileSystem
const cycles = Number(values.cycles)

if (!needs('loop mount', `mkfs.${disk}`, 'perl', 'strace', 'tracing')) {
  const began = performance.now()
  const failed = values.scenario === 'lying' ? await crash() : await cut()
  console.log(`${Math.round((performance.now() - began) / 1000)} s`)
  process.exitCode = failed ? 1 : 0
}

async function cut(): Promise<boolean> {
  const { cuts, control } = await runPowerCuts(cycles, disk, tell, values.start as PowerStart)
  const lost = control.filter(hasProblems)
  summarize(cuts)
  console.log(`control without syncs: ${lost.length} of ${control.length} lost something`)
  return cuts.some(hasProblems) || lost.length === 0
}

async function crash(): Promise<boolean> {
  const crashes = await runLyingSyncs(cycles, disk, tell)
  summarize(crashes)
  console.log(`${crashes.filter(({ note }) => note !== undefined).length} times by a new home`)
  return crashes.some(hasProblems)
}

function tell({ job, when, acknowledged, note, problems }: PowerCut & PowerCutResult): void {
  const moment = typeof when === 'object' ? `${when.call} ${when.n}` : when
  console.log(`${job} cut at ${moment}: ${acknowledged ? 'acknowledged' : 'not acknowledged'}`, note ?? '', ...problems)
}

function summarize(cuts: readonly PowerCutResult[]): void {
  console.log(
    `${cuts.length} power cuts on ${disk}: ${cuts.filter(({ acknowledged }) => acknowledged).length} jobs were acknowledged, ${cuts.filter(hasProblems).length} cuts with problems`,
  )
}

function hasProblems({ problems }: PowerCutResult): boolean {
  return problems.length > 0
}
