import { errorCodes, type Failure } from '@tillsafe/engine/model'
import type { Settings } from '../settings.ts'

/** What a command has to say in the end: data for a program, words for a person. */
export interface Answer {
  readonly document: object
  readonly words: string
  /** Not 0 when the answer itself is bad news: damage was found, a copy failed. */
  readonly exitCode?: 1 | 4
}

/** How the command line speaks: the answer on standard output, everything else on standard error. */
export class Voice {
  readonly #settings: Settings
  readonly #speaksJson: boolean
  readonly #isQuiet: boolean

  constructor(settings: Settings, { json, quiet }: { json: boolean; quiet: boolean }) {
    this.#settings = settings
    this.#speaksJson = json
    this.#isQuiet = quiet
  }

  /** Returns the exit code. */
  answer({ document, words, exitCode }: Answer): number {
    this.#settings.output.write(this.#speaksJson ? `${JSON.stringify(document, null, 2)}\n` : `${words}\n`)
    return exitCode ?? 0
  }

  /** Returns the exit code. */
  fail(failure: Failure): number {
    if (this.#speaksJson) {
      this.#settings.output.write(`${JSON.stringify({ error: failure }, null, 2)}\n`)
    } else {
      const words = failure.confirm === undefined ? [] : [`  The words: ${failure.confirm}`]
      this.#settings.errorOutput.write(
        `${[`tillsafe: ${failure.message} [${failure.code}]`, `  ${failure.hint}`, ...words].join('\n')}\n`,
      )
    }
    return errorCodes[failure.code].exitCode
  }

  /** Something a person may like to know meanwhile. */
  note(sentence: string): void {
    if (!this.#isQuiet) {
      this.#settings.errorOutput.write(`${sentence}\n`)
    }
  }

  /** What a person must see whether quiet or not: a plan, a question. */
  tell(text: string): void {
    this.#settings.errorOutput.write(`${text}\n`)
  }
}
