import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOf, listItems } from './lines.ts'

const wrong = (why: string): Error => new Error(`wrong: ${why}`)

async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) {
    yield bytes.subarray(start, start + size)
  }
}

async function linesIn(bytes: Uint8Array, size: number = 7): Promise<string[]> {
  return await Array.fromAsync(linesOf(inPieces(bytes, size), wrong))
}

async function itemsIn(text: string): Promise<string[]> {
  return await Array.fromAsync(listItems(linesOf(inPieces(Buffer.from(text), 5), wrong), wrong))
}

describe('lines', () => {
  test('come back, however their bytes arrive', async () => {
    const anyLine = fc.string({ unit: fc.constantFrom('a', 'é', '店', '😀', ' ', '\r', '\ufeff'), maxLength: 9 })
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
        expect(await linesIn(Buffer.from(lines.map((line) => `${line}\n`).join('')), size)).toEqual(lines)
      }),
    )
  })

  test.each([
    ['a last line without its end', Buffer.from('a\nb'), 'cut short'],
    ['bytes that are no UTF-8', Buffer.from([97, 0xff, 10]), 'no UTF-8'],
    ['a line that is too long', Buffer.alloc(3 * 1024 * 1024, 97), 'too long'],
  ])('are refused with %s', async (_, bytes, why) => {
    await expect(linesIn(bytes, 64 * 1024)).rejects.toThrow(why)
  })
})

describe('the items of a list', () => {
  test('stand one on a line, with commas between them', async () => {
    expect(await itemsIn('{1},\n{2}\n]}\n')).toEqual(['{1}', '{2}'])
  })

  test.each([
    '',
    ']}\n',
    '{1},\n',
    '{1}\n',
    '{1},\n]}\n',
    '{1}\n{2}\n]}\n',
    '{1}\n]}\n\n',
    '{1}\n]}\n]}\n',
    '{1}\n]},\n',
  ])('are refused as %j', async (text) => {
    await expect(itemsIn(text)).rejects.toThrow('wrong')
  })
})
