import type { ChainHead, Clock, Id } from '../model/index.ts'
import type { Signer } from '../work/signer.ts'
import type { Sqlite } from '../work/sqlite.ts'
import { CHAIN_BEGIN, chain } from './chained-log.ts'

/**
 * Remembers the heads of the till's own fiscal chains, outside the till's database. A chain alone can't show that its
 * tail was cut or that an older database was put in its place; the witness can.
 */
export class Witness {
  readonly #connection: Sqlite
  readonly #key: string
  readonly #signer: Signer
  readonly #clock: Clock

  constructor(connection: Sqlite, key: string, signer: Signer, clock: Clock) {
    this.#connection = connection
    this.#key = key
    this.#signer = signer
    this.#clock = clock
  }

  /** Records heads as seen in a backup, or put back by a restore. */
  record(event: 'seen' | 'restored', workspace: string, backup: Id, heads: readonly ChainHead[]): void {
    if (heads.length === 0) {
      return
    }
    const last = this.#connection.prepare('SELECT seq, hash FROM witness ORDER BY seq DESC LIMIT 1').get() as
      | { seq: number; hash: string }
      | undefined
    const entry = { seq: (last?.seq ?? 0) + 1, at: this.#clock.now(), workspace, backup, event, heads }
    const { prevHash, hash, signature } = chain(entry, last?.hash ?? CHAIN_BEGIN, this.#key, this.#signer)
    this.#connection
      .prepare('INSERT INTO witness VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(entry.seq, entry.at, workspace, backup, event, JSON.stringify(heads), prevHash, hash, signature)
  }

  /** The chains that would lose links if these heads were put in the place of those last seen: rewound registers. */
  rewound(workspace: string, heads: readonly ChainHead[]): readonly Rewound[] {
    const last = this.#lastSeen(workspace)
    return heads.flatMap((head) => {
      const seen = last.find((other) => other.chain === head.chain && other.register === head.register)
      return seen !== undefined && seen.lastSequence > head.lastSequence
        ? [{ chain: head.chain, register: head.register, from: seen.lastSequence, to: head.lastSequence }]
        : []
    })
  }

  #lastSeen(workspace: string): readonly ChainHead[] {
    const heads = this.#connection
      .prepare('SELECT heads FROM witness WHERE workspace = ? ORDER BY seq DESC LIMIT 1')
      .pluck()
      .get(workspace)
    return heads === undefined ? [] : JSON.parse(String(heads))
  }
}

/** A chain that a restore sets back: from the last link seen to the last that remains. */
export interface Rewound {
  readonly chain: string
  readonly register: string
  readonly from: number
  readonly to: number
}
