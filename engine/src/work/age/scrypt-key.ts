import { scrypt } from 'node:crypto'

/** What we write: 64 MiB and about 0.2 s for each guess. */
export const WORK_FACTOR = 16

/** What we open: 256 MiB; stock age writes this. More would let a file take the machine's memory. */
export const GREATEST_WORK_FACTOR = 18

const BLOCK_SIZE = 8

/**
 * The key that a passphrase gives: scrypt with N = 2^`workFactor`. Node's own scrypt, and not the library's, which
 * takes half as long again and twice the memory.
 */
export function scryptKey(passphrase: string, salt: Uint8Array, workFactor: number): Promise<Uint8Array> {
  const N = 2 ** workFactor
  const maxmem = 128 * BLOCK_SIZE * (N + 16)
  const labelAndSalt = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt])
  return new Promise((resolve, reject) => {
    scrypt(passphrase, labelAndSalt, 32, { N, r: BLOCK_SIZE, p: 1, maxmem }, (error, key) => {
      if (error) {
        reject(error)
      } else {
        resolve(key)
      }
    })
  })
}
