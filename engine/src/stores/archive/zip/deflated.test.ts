import { randomBytes } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { deflated } from './deflated.ts'

const CHUNK = randomBytes(300_000)

test('a reader that stops early, as when its disk is full, is not kept waiting', async () => {
  let opened = false
  let closed = false
  async function* plain(): AsyncIterable<Uint8Array> {
    opened = true
    try {
      for (let n = 0; n < 20; n++) {
        yield CHUNK
      }
    } finally {
      closed = true
    }
  }
  await expect(
    (async () => {
      for await (const _ of deflated(plain(), 1, undefined)) {
        await new Promise((resolve) => setTimeout(resolve, 100)) // meanwhile it works ahead, as far as there is room
        throw new Error('the disk is full')
      }
    })(),
  ).rejects.toThrow('the disk is full')
  expect({ opened, closed }).toEqual({ opened: true, closed: true })
})

test('what is read whole inflates to the same bytes', async () => {
  async function* plain(): AsyncIterable<Uint8Array> {
    yield CHUNK
    yield CHUNK
  }
  const chunks = await Array.fromAsync(deflated(plain(), 1, undefined))
  expect(inflateRawSync(Buffer.concat(chunks)).equals(Buffer.concat([CHUNK, CHUNK]))).toBe(true)
})
