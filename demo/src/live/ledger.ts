import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import type { IssuedTicket } from '../till/ticket-draft.ts'

/** What a till has promised: a line of uid, register, Z period, number, seq, total and hash per committed ticket. */
export class Ledger implements Disposable {
  readonly #handle: number
  readonly #isSynced: boolean

  constructor(file: string, isSynced: boolean) {
    this.#handle = openSync(file, 'a')
    this.#isSynced = isSynced
  }

  note({ registerId, zPeriod, number, seq, hash, draft }: IssuedTicket): void {
    const fields = [draft.uid, registerId, zPeriod, number, seq, draft.priced.totalIncl, hash]
    writeSync(this.#handle, `${fields.join('\t')}\n`)
    if (this.#isSynced) fsyncSync(this.#handle)
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle)
  }
}
