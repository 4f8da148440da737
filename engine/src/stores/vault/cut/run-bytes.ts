/** New data becomes blobs of up to this size. */
export const RUN_BYTES: number = 256 * 1024
