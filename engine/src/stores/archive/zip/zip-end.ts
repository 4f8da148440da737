import type { FileWindow } from './file-window.ts'
import {
  END_RECORD,
  END_RECORD_BYTES,
  endRecords,
  TOO_MANY,
  TOO_WIDE,
  WIDE_END_BYTES,
  type ZipExtent,
} from './zip-records.ts'
import { damagedZip, unsafeZip } from './zip-refusal.ts'

/** Where the directory of a ZIP lies: told by the last bytes of the file, which end with the directory's end. */
export async function readZipEnd(window: FileWindow, fileBytes: number): Promise<ZipExtent> {
  const end = await lastRecord(window, fileBytes)
  const narrow = {
    entries: end.readUInt16LE(10),
    directoryBytes: end.readUInt32LE(12),
    directoryOffset: end.readUInt32LE(16),
  }
  const wide = narrow.entries === TOO_MANY || narrow.directoryBytes === TOO_WIDE || narrow.directoryOffset === TOO_WIDE
  const extent = wide ? await readWide(window, fileBytes) : narrow
  const expected = endRecords(extent)
  const from = fileBytes - expected.byteLength
  if (!expected.equals(await window.bytes(from, expected.byteLength))) {
    throw unsafeZip('its end is not written as ours, or says two different things')
  }
  if (extent.directoryOffset + extent.directoryBytes !== from) {
    throw unsafeZip('its directory does not reach to its end, or reaches further')
  }
  return extent
}

async function lastRecord(window: FileWindow, fileBytes: number): Promise<Buffer> {
  if (fileBytes < END_RECORD_BYTES) {
    throw damagedZip('it is too short to be a ZIP file')
  }
  const last = await window.bytes(fileBytes - END_RECORD_BYTES, END_RECORD_BYTES)
  if (last.readUInt32LE(0) === END_RECORD) {
    return Buffer.from(last)
  }
  const tailBytes = Math.min(fileBytes, END_RECORD_BYTES + LONGEST_COMMENT)
  const tail = await window.bytes(fileBytes - tailBytes, tailBytes)
  const at = tail.lastIndexOf(SIGNATURE)
  throw at < 0 || at > tailBytes - END_RECORD_BYTES
    ? damagedZip('it is no ZIP file, or cut short')
    : unsafeZip('something follows its end')
}

async function readWide(window: FileWindow, fileBytes: number): Promise<ZipExtent> {
  const records = await window.bytes(fileBytes - END_RECORD_BYTES - WIDE_END_BYTES, WIDE_END_BYTES)
  const read = (at: number): number => Number(records.readBigUInt64LE(at))
  const [entries, directoryBytes, directoryOffset] = [read(32), read(40), read(48)]
  if (![entries, directoryBytes, directoryOffset].every(Number.isSafeInteger)) {
    throw unsafeZip('it claims more than a file can hold')
  }
  return { entries, directoryBytes, directoryOffset }
}

const LONGEST_COMMENT = 0xffff
const SIGNATURE = Buffer.from([0x50, 0x4b, 5, 6])
