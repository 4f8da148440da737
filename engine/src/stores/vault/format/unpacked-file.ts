import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { LEVEL } from './compression-levels.ts'
import { SealBroken, type Sealer } from './seal.ts'

/** Says that zstd follows. JSON itself begins with `{` or `[`. Source: restic, Design, "Unpacked Data Format". */
const COMPRESSED = 2

/** An index, a snapshot or a lock as a file. Format 1 knows no compression, and its `config` never has any. */
export function sealFile(plain: Uint8Array, sealer: Sealer, isCompressed: boolean): Buffer {
  return sealer.seal(isCompressed ? Buffer.concat([Buffer.of(COMPRESSED), compress(plain)]) : plain)
}

/** The JSON in such a file. Error: `SealBroken` for all that this can't be. */
export function unsealFile(sealed: Uint8Array, sealer: Sealer): Buffer {
  const plain = sealer.unseal(sealed)
  if (plain[0] !== COMPRESSED) {
    return plain
  }
  try {
    return zstdDecompressSync(plain.subarray(1))
  } catch (cause) {
    throw new SealBroken('what was sealed is no zstd', { cause })
  }
}

function compress(plain: Uint8Array): Buffer {
  return zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
}
