import { appendFileSync } from 'node:fs'
import { cpus, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tillsafe/engine'

/** Appends figures to RESULTS.md, with the date, the machine's kind and the command that made them. */
export function noteResults(name: string, lines: readonly string[]): void {
  const machine = `${platform()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  const command = `node bench/${name}.ts ${process.argv
    .slice(2)
    .filter((word) => word !== '--note')
    .join(' ')}`.trim()
  const text = `\n## ${name}, ${systemClock.now().slice(0, 10)}\n\n\`${command}\` (${machine})\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`
  appendFileSync(join(import.meta.dirname, 'RESULTS.md'), text)
}
