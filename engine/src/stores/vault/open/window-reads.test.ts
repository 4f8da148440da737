import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { columnsOf } from '../format/blob-columns.ts'
import { BlobTable } from '../repository/blob-table.ts'
import { readsOf } from './window-reads.ts'

const KIB = 1024

/** Blobs as [pack, offset, length], in the order in which the file has them; each has 1000 plain bytes. */
function plan(places: readonly (readonly [pack: number, offset: number, length: number])[], order = places.keys()) {
  const table = new BlobTable()
  for (const [pack, offset, length] of places) {
    const blob = { id: randomBytes(32), type: 'data', offset, length, uncompressedLength: 1000 } as const
    table.add(pack, columnsOf([blob]), 0)
  }
  const blobs = [...order].map((number, index) => ({ number, start: 500 + index * 1000 }))
  return [...readsOf(table, { start: 1000, bytes: 1000 * blobs.length, blobs })].map((read) => ({
    pack: read.pack,
    from: read.start,
    to: read.end,
    numbers: read.numbers,
    offsets: [...read.blobs.offsets],
    targets: [...read.targets.blobs].map((blob, at) => [blob, read.targets.positions[at]]),
  }))
}

test('what lies together is read in one go, in the order in which it lies', () => {
  expect(
    plan([
      [0, 300, 100],
      [0, 100, 100],
      [0, 250, 50],
    ]),
  ).toEqual([
    {
      pack: 0,
      from: 100,
      to: 400,
      numbers: [1, 2, 0],
      offsets: [0, 150, 200],
      targets: [
        [0, 500],
        [1, 1500],
        [2, -500],
      ],
    },
  ])
})

test('a blob that is there several times is read once, and belongs to each place', () => {
  expect(
    plan(
      [
        [0, 0, 10],
        [0, 10, 10],
      ],
      [0, 1, 0, 1, 0].values(),
    ),
  ).toEqual([
    {
      pack: 0,
      from: 0,
      to: 20,
      numbers: [0, 1],
      offsets: [0, 10],
      targets: [
        [0, -500],
        [0, 1500],
        [0, 3500],
        [1, 500],
        [1, 2500],
      ],
    },
  ])
})

test('what lies apart, in another pack, or too much for one go is read by itself', () => {
  const near = 64 * KIB
  expect(
    plan([
      [0, 0, 10],
      [0, 10 + near, 10],
    ]),
  ).toHaveLength(1)
  expect(
    plan([
      [0, 0, 10],
      [0, 11 + near, 10],
    ]),
  ).toHaveLength(2)
  expect(
    plan([
      [0, 0, 10],
      [1, 10, 10],
    ]),
  ).toHaveLength(2)
  expect(
    plan([
      [0, 0, 4096 * KIB - 10],
      [0, 4096 * KIB - 10, 10],
    ]),
  ).toHaveLength(1)
  expect(
    plan([
      [0, 0, 4096 * KIB - 10],
      [0, 4096 * KIB - 10, 11],
    ]),
  ).toHaveLength(2)
})
