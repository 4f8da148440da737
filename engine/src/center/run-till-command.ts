import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { TillsafeError } from '../model/index.ts'

const TIMEOUT_MS = 120_000

/** Runs the command that stops or starts a till: a program with arguments, never through a shell. */
export async function runTillCommand([program, ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(program ?? '', args, { timeout: TIMEOUT_MS, signal, windowsHide: true })
  } catch (cause) {
    throw new TillsafeError('till.command-failed', `the command ${[program, ...args].join(' ')} failed`, { cause })
  }
}
