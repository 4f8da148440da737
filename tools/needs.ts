import { platform } from 'node:os'
import { type OutsideToolName, outsideTools } from './outside-tools.ts'

/**
 * Whether a test has to be skipped, because it needs something that this machine lacks: `describe.skipIf(needs('strace'))`.
 * Says so aloud. In CI a program that is missing is an error: nothing is skipped there that `npm test` can bring.
 */
export function needs(...names: readonly OutsideToolName[]): boolean {
  const missing = names.filter((name) => !outsideTools[name].isThere())
  if (missing.length === 0) {
    return false
  }
  const canBeBrought = platform() === 'linux' && missing.some((name) => outsideTools[name].package !== undefined)
  if (process.env['CI'] === 'true' && canBeBrought) {
    throw new Error(`not to be skipped in CI: needs ${missing.join(', ')}`)
  }
  console.warn(`skipped: needs ${missing.join(', ')}`)
  return true
}
