import { readSync } from 'node:fs'

/**
 * The beginning of the `-shm` file, through which the users of a WAL agree:
 * https://sqlite.org/walformat.html §2.1. In the byte order of the machine, salts apart.
 */
export interface WalIndex {
  /** Equal as long as nothing was committed and the WAL was not restarted. */
  readonly state: Buffer
  readonly pageSize: number
  /** Frames of the WAL that belong to the committed state. */
  readonly frames: number
  /** Pages of the database in the committed state. */
  readonly pages: number
  /** As in the header of the WAL file. */
  readonly salts: Buffer
  /** Frames that a checkpoint has put into the database file: all of them when equal to `frames`. */
  readonly backfilled: number
}

const HEADER_BYTES = 48
const BACKFILL_AT = 96
// Locks begin at byte 120: Windows refuses to read bytes that another has locked.
const READABLE_BYTES = 120
const VERSION = 3_007_000
const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Reads the index; undefined while it is being changed or when it is not one. */
export function readWalIndex(descriptor: number): WalIndex | undefined {
  const first = readBytes(descriptor)
  const again = readBytes(descriptor)
  const header = first.subarray(0, HEADER_BYTES)
  const isStable =
    header.equals(first.subarray(HEADER_BYTES, 2 * HEADER_BYTES)) && header.equals(again.subarray(0, HEADER_BYTES))
  return isStable && u32(header, 0) === VERSION && header[12] === 1 ? parse(header, u32(first, BACKFILL_AT)) : undefined
}

function parse(header: Buffer, backfilled: number): WalIndex {
  const size = little ? header.readUInt16LE(14) : header.readUInt16BE(14)
  return {
    state: Buffer.from(header),
    pageSize: (size & 0xfe00) + ((size & 0x0001) << 16),
    frames: u32(header, 16),
    pages: u32(header, 20),
    salts: Buffer.from(header.subarray(32, 40)),
    backfilled,
  }
}

function readBytes(descriptor: number): Buffer {
  const bytes = Buffer.alloc(READABLE_BYTES)
  readSync(descriptor, bytes, 0, READABLE_BYTES, 0)
  return bytes
}

function u32(bytes: Buffer, at: number): number {
  return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
}
