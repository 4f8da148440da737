/** Blocks are hashed first, pages only in those that differ. A multiple of every page. */
export const BLOCK_BYTES: number = 64 * 1024

/** New data becomes blobs of up to this size. */
export const RUN_BYTES: number = 256 * 1024

const SMALLEST = 4096

/**
 * The bytes of a page as the cut knows it: the database's own, or several together where they are smaller than 4 KiB,
 * since a blob costs about 200 bytes besides its content. What is no page size of a database gives 4 KiB.
 */
export function pageBytesOf(pageSize: number): number {
  return isPageSize(pageSize) ? Math.max(SMALLEST, pageSize) : SMALLEST
}

/** Whether a database may have pages of this size: https://sqlite.org/fileformat2.html §1.3.2. */
export function isPageSize(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes >= 512 && bytes <= BLOCK_BYTES && (bytes & (bytes - 1)) === 0
}
