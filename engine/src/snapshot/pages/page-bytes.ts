const SMALLEST = 4096
const LARGEST = 65_536

/**
 * The bytes of a page as a page map knows it: the database's own, or several together where they are smaller than 4 KiB,
 * since each costs a hash, and in a vault a blob of about 200 bytes besides its content. What is no page size of a database gives 4 KiB.
 */
export function pageBytesOf(pageSize: number | undefined): number {
  return pageSize !== undefined && isPageSize(pageSize) ? Math.max(SMALLEST, pageSize) : SMALLEST
}

/** Whether a database may have pages of this size: https://sqlite.org/fileformat2.html §1.3.2. */
export function isPageSize(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes >= 512 && bytes <= LARGEST && (bytes & (bytes - 1)) === 0
}
