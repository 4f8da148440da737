import { randomBytes } from 'node:crypto'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { CHUNK_BYTES } from './age-format.ts'
import { type Lock, requireRecipients, sealed } from './seal.ts'
import { isSealed, type Unlock, unsealed } from './unseal.ts'

const LOCK: Lock = { kind: 'passphrase', passphrase: 'five loaves, two fishes' }
const KEY: Unlock = { kind: 'passphrase', passphrase: 'five loaves, two fishes' }

describe('age', () => {
  let identity = ''
  let recipients: Lock
  let identities: Unlock

  beforeAll(async () => {
    identity = await generateX25519Identity()
    recipients = { kind: 'recipients', recipients: [await identityToRecipient(identity)] }
    identities = { kind: 'identities', identities: [identity] }
  })

  test('what a passphrase seals, it opens', async () => {
    const text = randomBytes(200_000)
    const file = await gather(sealed(pieces(text, 1000), LOCK))
    expect(file.includes(text.subarray(0, 32))).toBe(false)
    expect(await gather(unsealed(pieces(file, 777), KEY))).toEqual(text)
  })

  test('there and back for every length around a chunk, in whatever pieces it comes', async () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: CHUNK_BYTES - 20, max: CHUNK_BYTES + 20 }),
      fc.integer({ min: 2 * CHUNK_BYTES - 20, max: 2 * CHUNK_BYTES + 20 }),
      fc.constantFrom(CHUNK_BYTES, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES),
    )
    const pieceSizes = fc.integer({ min: 50, max: 3 * CHUNK_BYTES })
    await fc.assert(
      fc.asyncProperty(lengths, pieceSizes, pieceSizes, async (length, written, read) => {
        const text = randomBytes(length)
        const file = await gather(sealed(pieces(text, written), recipients))
        expect((await gather(unsealed(pieces(file, read), identities))).equals(text)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('a wrong passphrase and a wrong key are told before the first byte', async () => {
    const other = { kind: 'identities', identities: [await generateX25519Identity()] } as const
    const byPassphrase = await gather(sealed(pieces(randomBytes(100), 100), LOCK))
    const byRecipient = await gather(sealed(pieces(randomBytes(100), 100), recipients))
    expect(await attempt(byPassphrase, { kind: 'passphrase', passphrase: 'Five loaves, two fishes' })).toEqual(WRONG)
    expect(await attempt(byPassphrase, identities)).toEqual(WRONG)
    expect(await attempt(byRecipient, other)).toEqual(WRONG)
    expect(await attempt(byRecipient, KEY)).toEqual(WRONG)
    expect(await attempt(byRecipient, { kind: 'identities', identities: ['AGE-SECRET-KEY-1OOPS'] })).toEqual(WRONG)
  })

  test('one of several keys is enough', async () => {
    const other = await generateX25519Identity()
    const file = await gather(sealed(pieces(randomBytes(10), 10), recipients))
    expect(await attempt(file, { kind: 'identities', identities: [other, identity] })).toMatchObject({ bytes: 10 })
  })

  test('every byte is authenticated: whichever is changed, no text of its chunk comes out', async () => {
    const text = randomBytes(2.5 * CHUNK_BYTES)
    const file = await gather(sealed(pieces(text, CHUNK_BYTES), recipients))
    const payloadAt = file.byteLength - text.byteLength - 3 * 16
    const everyHeaderByte = Array.from({ length: payloadAt }, (_, at) => at)
    const someOthers = Array.from(
      { length: 2000 },
      () => payloadAt + (randomBytes(4).readUInt32BE() % (file.byteLength - payloadAt)),
    )
    for (const at of [...everyHeaderByte, ...someOthers]) {
      const changed = Buffer.from(file)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const { code, bytes, out } = await attempt(changed, identities)
      expect({ at, code }).toEqual({ at, code: expect.stringMatching(/^(archive\.damaged|key\.wrong)$/) })
      expect(bytes).toBe(Math.max(0, Math.floor((at - payloadAt) / (CHUNK_BYTES + 16))) * CHUNK_BYTES)
      expect(out.equals(text.subarray(0, bytes))).toBe(true)
    }
  })

  test('a changed byte under a passphrase is refused as well', async () => {
    const file = await gather(sealed(pieces(randomBytes(40), 40), LOCK))
    for (let at = 0; at < file.byteLength; at += 7) {
      const changed = Buffer.from(file)
      changed[at] = (changed[at] ?? 0) ^ 1
      const { code, bytes } = await attempt(changed, KEY)
      expect({ at, code, bytes }).toEqual({
        at,
        code: expect.stringMatching(/^(archive\.damaged|key\.wrong|file\.over-limit)$/),
        bytes: 0,
      })
    }
  })

  test('a file cut at any length is an error', async () => {
    const file = await gather(sealed(pieces(randomBytes(300), 300), recipients))
    for (let length = 0; length < file.byteLength; length++) {
      expect({ length, ...(await attempt(file.subarray(0, length), identities)) }).toMatchObject({ length, ...DAMAGED })
    }
  })

  test('a file cut between chunks, and one with something behind it, are errors at their end', async () => {
    const text = randomBytes(2 * CHUNK_BYTES)
    const file = await gather(sealed(pieces(text, CHUNK_BYTES), recipients))
    const cut = await attempt(file.subarray(0, file.byteLength - CHUNK_BYTES - 16), identities)
    expect(cut).toMatchObject(DAMAGED)
    expect(await attempt(Buffer.concat([file, Buffer.of(0)]), identities)).toMatchObject({ code: 'archive.damaged' })
    expect(await attempt(Buffer.concat([file, randomBytes(16)]), identities)).toMatchObject({ code: 'archive.damaged' })
  })

  test('chunks that change places are an error', async () => {
    const file = await gather(sealed(pieces(randomBytes(3 * CHUNK_BYTES), CHUNK_BYTES), recipients))
    const size = CHUNK_BYTES + 16
    const payloadAt = file.byteLength - 3 * size
    const [a, b, c] = [0, 1, 2].map((index) => file.subarray(payloadAt + index * size, payloadAt + (index + 1) * size))
    const moved = Buffer.concat([file.subarray(0, payloadAt), b as Buffer, a as Buffer, c as Buffer])
    expect(await attempt(moved, identities)).toMatchObject(DAMAGED)
  })

  test('a work factor that would take the memory of the machine is refused without trying it', async () => {
    const file = await gather(sealed(pieces(randomBytes(10), 10), LOCK))
    for (const factor of ['19', '40', '99999999999999999999999']) {
      const hostile = Buffer.from(file.toString('latin1').replace(/^(-> scrypt \S+) 16$/m, `$1 ${factor}`), 'latin1')
      expect(await attempt(hostile, KEY)).toMatchObject({ code: 'file.over-limit', bytes: 0 })
    }
  })

  test.each([
    ['nothing', ''],
    ['a database', 'SQLite format 3\0'],
    ['garbage', '\0\u00ff\n\n---\n'],
    ['a header that never ends', `age-encryption.org/v1\n${'-> X25519 abc\n'.repeat(1_000_000)}`],
    ['a line that never ends', `age-encryption.org/v1\n${'A'.repeat(10_000_000)}`],
    ['a header without recipients', `age-encryption.org/v1\n--- ${'A'.repeat(43)}\n`],
    [
      'two passphrases',
      `age-encryption.org/v1\n${`-> scrypt ${'A'.repeat(22)} 15\n${'A'.repeat(43)}\n`.repeat(2)}--- ${'A'.repeat(43)}\n`,
    ],
    [
      'a scrypt stanza cut short',
      `age-encryption.org/v1\n-> scrypt AAAA 15\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`,
    ],
  ])('%s is refused', async (_, file) => {
    const { code, bytes } = await attempt(Buffer.from(file, 'latin1'), KEY)
    expect({ code, bytes }).toEqual({ code: expect.stringMatching(/^(archive\.damaged|key\.wrong)$/), bytes: 0 })
  })

  test('an armored file is recognised, and the person is told what to do', async () => {
    const armored = Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n')
    expect(isSealed(armored)).toBe(true)
    expect(await attempt(armored, KEY)).toMatchObject({ code: 'usage.invalid', bytes: 0 })
  })

  test('a sealed file is known by its beginning', async () => {
    expect(isSealed((await gather(sealed(pieces(Buffer.alloc(0), 1), recipients))).subarray(0, 64))).toBe(true)
    expect(isSealed(Buffer.from('age-encryption.org/v2\n'))).toBe(false)
    expect(isSealed(Buffer.from('age'))).toBe(false)
  })

  test('what is no recipient is refused, and a private key given by mistake is not repeated', () => {
    expect(() => requireRecipients([])).toThrow(expect.objectContaining({ code: 'usage.invalid' }))
    expect(() => requireRecipients(['age1notakey'])).toThrow(expect.objectContaining({ code: 'usage.invalid' }))
    expect(() => requireRecipients([identity])).toThrow(
      expect.objectContaining({ code: 'usage.invalid', message: expect.not.stringContaining(identity) }),
    )
  })

  test('an error of the stream stays what it is, and the stream is closed when nobody wants more', async () => {
    const broken = new Error('the disk is gone')
    let closed = false
    async function* stream(): AsyncIterable<Uint8Array> {
      try {
        yield randomBytes(2 * CHUNK_BYTES)
        throw broken
      } finally {
        closed = true
      }
    }
    await expect(gather(sealed(stream(), recipients))).rejects.toBe(broken)
    closed = false
    for await (const _ of sealed(stream(), recipients)) {
      if (_.byteLength > CHUNK_BYTES) {
        break
      }
    }
    expect(closed).toBe(true)
  })
})

const WRONG = { code: 'key.wrong', bytes: 0, out: Buffer.alloc(0) }
const DAMAGED = { code: 'archive.damaged', bytes: 0 }

/** What comes out of a sealed file, and the code of the error that ended it. */
async function attempt(file: Uint8Array, key: Unlock): Promise<{ code: unknown; bytes: number; out: Buffer }> {
  const parts: Uint8Array[] = []
  let code: unknown
  try {
    for await (const part of unsealed(pieces(file, 30_000), key)) {
      parts.push(part)
    }
  } catch (error) {
    code = (error as { code?: unknown }).code ?? error
  }
  const out = Buffer.concat(parts)
  return { code, bytes: out.byteLength, out }
}

/** A stream that hands out one buffer again and again, as streams may. */
async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  const room = Buffer.alloc(size)
  for (let start = 0; start < bytes.byteLength; start += size) {
    const piece = bytes.subarray(start, start + size)
    room.set(piece)
    yield room.subarray(0, piece.byteLength)
  }
}

async function gather(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream))
}
