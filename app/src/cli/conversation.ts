import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Settings } from '../settings.ts'

/** Questions to the person at the terminal, one line for each answer. Ctrl-C and the end of the input are a no. */
export class Conversation implements Disposable {
  readonly #terminal: Interface
  readonly #lines: AsyncIterator<string>
  #isSecret = false

  constructor({ input, errorOutput }: Settings) {
    const output = new Writable({
      write: (chunk, _, done) => {
        if (!this.#isSecret) {
          errorOutput.write(chunk)
        }
        done()
      },
    })
    this.#terminal = createInterface({ input, output, terminal: true })
    this.#terminal.on('SIGINT', () => this.#terminal.close())
    this.#lines = this.#terminal[Symbol.asyncIterator]() // keeps what is typed ahead
  }

  async ask(question: string): Promise<string> {
    return (await this.#line(question)).trim()
  }

  /** As `ask`; what is typed is not shown, and is taken as it is. */
  async askSecret(question: string): Promise<string> {
    const line = this.#line(question)
    this.#isSecret = true // the question has been shown
    try {
      return await line
    } finally {
      this.#isSecret = false
    }
  }

  async #line(question: string): Promise<string> {
    this.#terminal.setPrompt(question)
    this.#terminal.prompt()
    const line = await this.#lines.next()
    if (line.done) {
      throw new TillsafeError('job.cancelled', 'the question was not answered')
    }
    return line.value
  }

  [Symbol.dispose](): void {
    this.#terminal.close()
  }
}
