import { errorCodes } from '@tillsafe/engine/model'
import type { DriverEnd } from '../kill/start-driver.ts'
import type { DiskError } from './fault-control.ts'

/** What a job says of its own failure, and of the copies that failed: a code and a sentence. */
const SAID = /^(?:a copy )?failed: ([\w.-]+): (.+)$/gm

/**
 * What is wrong with how a run ended, as sentences: it must end by itself, every failure must be one that we understand,
 * a full disk must be named with its free bytes, and no disk of ours may be taken for a damaged till.
 */
export function checkFailure({ outcome, said }: DriverEnd, error: DiskError, hit: string): string[] {
  if (outcome === 'killed' || outcome === 'hung') {
    return [`the job was ${outcome}: ${said}`]
  }
  const failures = [...said.matchAll(SAID)].map(([, code = '', message = '']) => ({ code, message }))
  if (outcome === 'failed' && failures.length === 0) {
    return [`the job failed without a sentence: ${said}`]
  }
  return failures.flatMap(({ code, message }) => [
    ...(code === 'internal' || !(code in errorCodes) ? [`not understood: ${message}`] : []),
    ...(error === 'ENOSPC' && !/\d+ bytes/.test(message) ? [`a full disk without its bytes: ${message}`] : []),
    ...(isAboutTill(code) && !/ till(\/|$)/.test(hit)
      ? [`a fault of our own disk is said of the till: ${message}`]
      : []),
  ])
}

function isAboutTill(code: string): boolean {
  return code.startsWith('source.') && code !== 'source.changed'
}
