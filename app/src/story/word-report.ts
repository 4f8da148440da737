import { wordCount, wordSize } from '../cli/wording.ts'
import type { StoryReport } from './story-report.ts'

/** The report of the demo, for a person. */
export function wordReport(report: StoryReport): string {
  const { label } = report.backup
  const { images } = label
  const tickets = wordCount(label.counters['tickets'] ?? 0)
  return [
    '',
    `A shop with ${report.days} days of sales, made in ${seconds(report.madeMs)}; SQLite in ${report.journalMode} mode`,
    `  database         ${wordSize(label.database.bytes)}, ${tickets} tickets`,
    `  images           ${wordCount(images?.count ?? 0)}, ${wordSize(images?.bytes ?? 0)}`,
    'Backed up while it sold, read back and checked',
    `  time             ${seconds(report.backupMs)}`,
    `  longest commit   ${milliseconds(report.busyLongestMs)} during the backup, ${milliseconds(report.idleLongestMs)} without`,
    'Database and images deleted, then restored',
    `  time             ${seconds(report.restoredMs)}`,
    `  tickets          ${tickets} in the backup, ${wordCount(report.after.counters['tickets'] ?? 0)} after the restore`,
    `  sold afterwards  ${wordCount(report.soldLater)} tickets came after the moment of the backup: they are not in it`,
    '',
    ...verdict(report.differences),
  ].join('\n')
}

function verdict(differences: readonly string[]): string[] {
  return differences.length === 0
    ? ['Everything is equal: each byte, each image, each ticket; the fiscal chains hold.']
    : ['NOT EVERYTHING CAME BACK:', ...differences.map((difference) => `  ${difference}`)]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(0)} ms`
}
