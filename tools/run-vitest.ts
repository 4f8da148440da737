import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Runs Vitest and counts from its own report. A file that could not be run, or a run without a report, has failed. */
export function runVitest(args: readonly string[]): TestCounts {
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-test-'))
  try {
    const report = join(folder, 'report.json')
    const ok = run('vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args)
    return counted(readReport(report), ok)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What we read of Vitest's JSON report. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { status: string }[] }[]
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function counted(report: Report | undefined, ok: boolean): TestCounts {
  if (report === undefined) {
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  )
  const failed = report.numFailedTests + brokenFiles.length
  return {
    passed: report.numPassedTests,
    failed: ok ? failed : Math.max(failed, 1), // an error outside any test fails the run
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
