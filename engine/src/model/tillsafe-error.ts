import { type ErrorCode, errorCodes } from './error-codes.ts'

/** A failure as data: what every surface shows and `--json` prints. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
  /** The words to type, when a confirmation is what is missing. */
  readonly confirm?: string
}

/** A failure that we understand: a code, a sentence, and what to do next. Everything else is a defect. */
export class TillsafeError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly confirm: string | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; hint?: string; confirm?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TillsafeError'
    this.code = code
    this.hint = options.hint ?? errorCodes[code].hint
    this.confirm = options.confirm
  }
}

/** What went wrong, as data. An error that nobody foresaw becomes `internal`. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof TillsafeError)) {
    return {
      code: 'internal',
      message: error instanceof Error ? error.message : String(error),
      hint: errorCodes.internal.hint,
    }
  }
  const failure = { code: error.code, message: error.message, hint: error.hint }
  return error.confirm === undefined ? failure : { ...failure, confirm: error.confirm }
}
