import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'

/** The errors of a disk that is full, breaks, or has become read-only. */
export const diskErrors = ['ENOSPC', 'EIO', 'EROFS'] as const
export type DiskError = (typeof diskErrors)[number]

/** One call alone fails, or all from it on. */
export type FaultMode = 'once' | 'sticky'

/** What happened under a fault: how many calls were counted, how many failed, and the first of those with its path. */
export interface FaultReport {
  readonly counted: number
  readonly failed: number
  readonly first: string
}

/** `struct faults` of faulty-calls.c: six unsigned numbers of four bytes, then text. */
const BYTES = 4096
const [ARMED, COUNT, AT, ERROR, LASTS, HITS, FIRST] = [0, 4, 8, 12, 16, 20, 24]

/** The file that programs under `faulty-calls.c` share: what fails, and from when on. */
export class FaultControl {
  readonly file: string

  constructor(file: string) {
    this.file = file
  }

  /** Before any program uses the file. The n-th call fails; none when `at` is 0. Nothing counts until it is armed. */
  prepare(error: DiskError, at: number, mode: FaultMode): void {
    const control = Buffer.alloc(BYTES)
    control.writeUInt32LE(at, AT)
    control.writeUInt32LE(constants.errno[error], ERROR)
    control.writeUInt32LE(mode === 'sticky' ? 1 : 0, LASTS)
    writeFileSync(this.file, control)
  }

  arm(): void {
    const descriptor = openSync(this.file, 'r+')
    try {
      writeSync(descriptor, Buffer.from([1, 0, 0, 0]), 0, 4, ARMED)
    } finally {
      closeSync(descriptor)
    }
  }

  report(): FaultReport {
    const control = Buffer.alloc(BYTES)
    const descriptor = openSync(this.file, 'r')
    try {
      readSync(descriptor, control, 0, BYTES, 0)
    } finally {
      closeSync(descriptor)
    }
    return {
      counted: control.readUInt32LE(COUNT),
      failed: control.readUInt32LE(HITS),
      first: control.toString('utf8', FIRST, control.indexOf(0, FIRST)),
    }
  }
}
