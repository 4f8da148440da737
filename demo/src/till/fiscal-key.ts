import { readFileSync, writeFileSync } from 'node:fs'

export interface FiscalKey {
  readonly key: Uint8Array
  readonly keyId: string
}

/** The file that holds the key of the chains, outside the database: an id and 64 hexadecimal digits. */
export function readFiscalKey(file: string): FiscalKey {
  const [keyId = '', hex = ''] = readFileSync(file, 'utf8').trim().split(' ')
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`${file} does not hold a fiscal key`)
  return { keyId, key: Buffer.from(hex, 'hex') }
}

/** Never replaces a key: without it, the chains it made could not be checked any more. */
export function writeFiscalKey(file: string, { keyId, key }: FiscalKey): void {
  writeFileSync(file, `${keyId} ${Buffer.from(key).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
}
