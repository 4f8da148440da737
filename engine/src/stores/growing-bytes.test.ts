import { expect, test } from 'vitest'
import { readAll } from '../snapshot/bytes-content.ts'
import { GrowingBytes } from './growing-bytes.ts'

const MIB = 1024 * 1024

test('holds what was added, in order, and what was put before it', async () => {
  const growing = new GrowingBytes('the list', 16 * MIB)
  const pieces = Array.from({ length: 300 }, (_, n) => `${n} été ${'x'.repeat(n * 50)}`)
  for (const piece of pieces) {
    growing.add(piece)
  }
  growing.addBefore('the first')
  growing.add(Buffer.from('the last'))
  const expected = `the first${pieces.join('')}the last`
  expect(expected.length).toBeGreaterThan(2 * MIB)
  expect(String(growing.bytes)).toBe(expected)
  expect(String(await readAll(await growing.content.open()))).toBe(expected)
  expect(growing.content.bytes).toBe(Buffer.byteLength(expected))
  expect(String(await readAll(await growing.content.open({ start: 4, end: 9 })))).toBe('first')
})

test('gives bytes that stay as they are while more are added', () => {
  const growing = new GrowingBytes('the list', 16 * MIB)
  growing.add('first')
  const { bytes, content } = growing
  growing.add('x'.repeat(3 * MIB))
  expect(String(bytes)).toBe('first')
  expect(content.bytes).toBe(5)
})

test('says what would become too long', () => {
  const growing = new GrowingBytes('the list', 10)
  growing.add('0123456789')
  for (const add of [() => growing.add('x'), () => growing.addBefore('x')]) {
    expect(add).toThrow(
      expect.objectContaining({ code: 'file.over-limit', message: 'the list would have more than 10 bytes' }),
    )
  }
  expect(String(growing.bytes)).toBe('0123456789')
})
