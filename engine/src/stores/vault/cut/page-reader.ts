/** Reads a database from its beginning to its end, a window at a time. Places are in bytes, at borders of pages. */
export interface PageReader extends AsyncDisposable {
  /** Learns which pages of a window have changed. What lies before the window is not asked for again. */
  look(start: number, end: number): Promise<void>
  /** Makes sure that bytes within the window last looked at are there, and that their pages stand in the map. */
  load(start: number, end: number): Promise<void>
  /** Loaded bytes, valid until the next window. */
  bytes(start: number, end: number): Buffer
}

/** The most that is looked at in one go. */
export const WINDOW_BYTES: number = 4 * 1024 * 1024
