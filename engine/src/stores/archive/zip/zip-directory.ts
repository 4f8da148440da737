import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl'
import type { FileWindow } from './file-window.ts'
import type { ZipExtent } from './zip-records.ts'
import { damagedZip, unsafeZip } from './zip-refusal.ts'

/** The records of a directory as yauzl understands them, names as bytes, nothing of it judged yet. */
export async function* readDirectory(window: FileWindow, fileBytes: number, extent: ZipExtent): AsyncIterable<Entry> {
  const zip = await understood(
    fromRandomAccessReaderPromise(new WindowReader(window), fileBytes, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: false,
    }),
  )
  if (zip.entryCount !== extent.entries) {
    throw unsafeZip('its end can be read in two ways')
  }
  const entries = zip.eachEntry()
  for (;;) {
    const next = await understood(entries.next())
    if (next.done) {
      return
    }
    yield next.value
  }
}

async function understood<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw /encrypt|multi-disk/.test(what) ? unsafeZip(what, error) : damagedZip(what, error)
  }
}

/** Lets yauzl read through our window. */
class WindowReader extends RandomAccessReader {
  readonly #window: FileWindow

  constructor(window: FileWindow) {
    super()
    this.#window = window
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const there = this.#window.inSight(position, length)
    if (there !== undefined) {
      callback(null, there.copy(buffer, offset))
    } else {
      this.#window.bytes(position, length).then(
        (found) => callback(null, found.copy(buffer, offset)),
        (error: Error) => callback(error),
      )
    }
  }
}
