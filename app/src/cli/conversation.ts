import { createInterface, type Interface } from 'node:readline'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Settings } from '../settings.ts'

/** Questions to the person at the terminal, one line for each answer. Ctrl-C and the end of the input are a no. */
export class Conversation implements Disposable {
  readonly #terminal: Interface
  readonly #lines: AsyncIterator<string>

  constructor({ input, errorOutput }: Settings) {
    this.#terminal = createInterface({ input, output: errorOutput })
    this.#terminal.on('SIGINT', () => this.#terminal.close())
    this.#lines = this.#terminal[Symbol.asyncIterator]() // keeps what is typed ahead
  }

  async ask(question: string): Promise<string> {
    this.#terminal.setPrompt(question)
    this.#terminal.prompt()
    const line = await this.#lines.next()
    if (line.done) {
      throw new TillsafeError('job.cancelled', 'the question was not answered')
    }
    return line.value.trim()
  }

  [Symbol.dispose](): void {
    this.#terminal.close()
  }
}
