import { fileURLToPath } from 'node:url'
import { TillsafeError } from '../../model/index.ts'
import { errorOf, startChild } from '../../work/confined-process.ts'
import type { CommittedState } from './committed-state.ts'
import type { HeldRange, HoldMessage, HoldOrder, HoldTask } from './hold-task.ts'

// Beside this file, as source or as what was built from it.
const CHILD = fileURLToPath(new URL(`./held-child${import.meta.url.slice(-3)}`, import.meta.url))

/** What is told of a held database besides its bytes. */
type Told = Exclude<HoldMessage, { kind: 'read' | 'read-failed' | 'released' }>

/** The process that holds a live database, as its parent sees it: see `DatabaseHolder`. */
export class HeldProcess {
  readonly #child: ReturnType<typeof startChild>
  readonly #ended: Promise<unknown>
  readonly #reads = new Map<number, PromiseWithResolvers<void>>()
  readonly #released = Promise.withResolvers<CommittedState | undefined>()
  #count = 0
  #hasEnded = false

  /** `onTold` hears what it says, and undefined at last, when it has ended. */
  constructor(task: HoldTask, onTold: (told: Told | undefined) => void) {
    this.#child = startChild(CHILD)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#child.once('exit', () => resolve()) // `close` does not come when it is this side that hangs up
    this.#child.on('error', () => resolve())
    this.#ended = promise.then(() => this.#end(onTold))
    this.#child.on('message', (message: HoldMessage) => this.#hear(message, onTold))
    this.#order({ kind: 'hold', task })
  }

  /** Has bytes put into the window. Fails as well when the process ends before. */
  read(range: HeldRange): Promise<void> {
    const id = this.#count
    this.#count += 1
    const read = Promise.withResolvers<void>()
    if (this.#hasEnded) {
      read.reject(ended())
    } else {
      this.#reads.set(id, read)
      this.#order({ kind: 'read', id, ...range })
    }
    return read.promise
  }

  /** Lets go in peace, and ends. What the database is then, where nobody has changed it since it is held. */
  async release(): Promise<CommittedState | undefined> {
    this.#order({ kind: 'release' })
    const state = await this.#released.promise
    await this.stop()
    return state
  }

  /** Ends it at once: it does so by itself as well, when nobody talks to it any more. */
  async stop(): Promise<void> {
    if (this.#child.connected) {
      this.#child.disconnect()
    }
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #order(order: HoldOrder): void {
    if (this.#child.connected) {
      this.#child.send(order, () => undefined) // that it could not be sent is heard of by its end
    }
  }

  #hear(message: HoldMessage, onTold: (told: Told) => void): void {
    if (this.#hasEnded) {
      return
    }
    switch (message.kind) {
      case 'read':
        this.#take(message.id)?.resolve()
        break
      case 'read-failed':
        this.#take(message.id)?.reject(errorOf(message.failure))
        break
      case 'released':
        this.#released.resolve(message.state)
        break
      default:
        onTold(message)
    }
  }

  #take(id: number): PromiseWithResolvers<void> | undefined {
    const read = this.#reads.get(id)
    this.#reads.delete(id)
    return read
  }

  #end(onTold: (told: undefined) => void): void {
    this.#hasEnded = true
    onTold(undefined)
    this.#released.resolve(undefined)
    for (const read of this.#reads.values()) {
      read.reject(ended())
    }
    this.#reads.clear()
  }
}

/** Why a process that held a database gives nothing any more. */
export function ended(): TillsafeError {
  return new TillsafeError('source.busy', 'the process that held the database has ended', {
    hint: 'Take the backup again.',
  })
}
