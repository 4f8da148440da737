import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { failureOf } from '@tillsafe/engine/model'
import { readSettings } from '../settings.ts'
import { playStory } from './play-story.ts'
import { wordReport } from './word-report.ts'

/**
 * `npm run demo`: the whole promise in two minutes. A demo shop sells, is backed up meanwhile, loses its disk, and gets
 * everything back. Ends with 0 only if nothing is missing.
 */
const settings = readSettings()
const { values } = parseArgs({
  args: [...settings.args],
  options: { days: { type: 'string', default: '365' }, keep: { type: 'boolean', default: false } },
})

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-demo-'))
void play().then((code) => settings.exit(code))

async function play(): Promise<number> {
  const say = (line: string) => void settings.output.write(`${line}\n`)
  try {
    const report = await playStory({ folder, days: Number(values.days), version: settings.version, say })
    say(wordReport(report))
    return report.differences.length === 0 ? 0 : 1
  } catch (error) {
    const { message, hint } = failureOf(error)
    say(`The demo failed: ${message}\n${hint}`)
    return 1
  } finally {
    if (values.keep) {
      say(`Everything is kept in ${folder}`)
    } else {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
