import { type ErrorCode, TillsafeError } from '../model/index.ts'

/** Whether an error is one of ours with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is TillsafeError {
  return error instanceof TillsafeError && codes.includes(error.code)
}
