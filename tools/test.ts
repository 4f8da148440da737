/** `npm test`: brings the outside tools, runs the checks and every test, and ends with the counts. */
import { bringTools } from './bring-tools.ts'
import { run } from './run.ts'
import { runVitest } from './run-vitest.ts'

/** Scripts of package.json. */
const CHECKS = ['types', 'lint', 'rooms', 'dead']

bringTools()
const failedChecks = CHECKS.filter((check) => !run('npm', 'run', '--silent', check))
const tests = runVitest(process.argv.slice(2))
for (const check of failedChecks) {
  console.log(`failed: npm run ${check}`)
}
const failed = tests.failed + failedChecks.length
console.log(`${tests.passed} passed, ${failed} failed, ${tests.skipped} skipped`)
process.exitCode = failed === 0 ? 0 : 1
