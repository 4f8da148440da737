import type { ChainHead, Id } from '../model/index.ts'
import type { ChainedLog } from './chained-log.ts'

/** Heads as seen in a backup, or put back by a restore. */
export interface WitnessEntry {
  readonly event: 'seen' | 'restored'
  readonly workspace: string
  readonly backup: Id
  readonly heads: readonly ChainHead[]
}

/** A chain that a restore sets back: from the last link seen to the last that remains. */
export interface Rewound {
  readonly chain: string
  readonly register: string
  readonly from: number
  readonly to: number
}

/**
 * Remembers the heads of the till's own fiscal chains, outside the till's database. A chain alone can't show that its
 * tail was cut or that an older database was put in its place; the witness can.
 */
export class Witness {
  readonly log: ChainedLog<WitnessEntry>

  constructor(log: ChainedLog<WitnessEntry>) {
    this.log = log
  }

  record(entry: WitnessEntry): void {
    if (entry.heads.length > 0 || entry.event === 'restored') {
      this.log.add(entry)
    }
  }

  /** The chains that would lose links if these heads were put in the place of those last seen: rewound registers. */
  rewound(workspace: string, heads: readonly ChainHead[]): readonly Rewound[] {
    const last = this.log.entries().findLast((entry) => entry.workspace === workspace)?.heads ?? []
    return last.flatMap(({ chain, register, lastSequence: from }) => {
      // A chain that is not there any more has lost all its links.
      const to = heads.find((head) => head.chain === chain && head.register === register)?.lastSequence ?? 0
      return from > to ? [{ chain, register, from, to }] : []
    })
  }
}
