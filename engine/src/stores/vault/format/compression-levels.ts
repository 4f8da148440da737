/** How hard zstd tries: for what stays. */
export const LEVEL = 3
/** For pages that will soon be others. */
export const QUICK_LEVEL = 1
