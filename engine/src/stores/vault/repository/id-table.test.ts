import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { IdTable } from './id-table.ts'

const idOf = (number: number): Buffer => createHash('sha256').update(String(number)).digest()

test('numbers ids in the order in which they came, and finds each', () => {
  const table = new IdTable()
  for (let number = 0; number < 5000; number += 1) {
    expect(table.add(idOf(number))).toBe(number)
  }
  for (let number = 0; number < 5000; number += 1) {
    expect(table.find(idOf(number))).toBe(number)
    expect(table.idAt(number)).toEqual(idOf(number))
  }
  expect(table.find(idOf(5000))).toBeUndefined()
  expect(table.size).toBe(5000)
})

test('finds the latest of equal ids, and the earlier ones behind it', () => {
  const table = new IdTable()
  for (let number = 0; number < 3000; number += 1) {
    table.add(idOf(number % 1000))
  }
  expect(table.find(idOf(7))).toBe(2007)
  expect(table.earlier(2007)).toBe(1007)
  expect(table.earlier(1007)).toBe(7)
  expect(table.earlier(7)).toBeUndefined()
})

test('shows other threads what was in it, and tells ids apart that begin alike', () => {
  const table = new IdTable()
  const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 1)]
  other[31] = 2
  table.add(one)
  const shared = new IdTable(table.share())
  expect(shared.find(one)).toBe(0)
  expect(shared.find(other)).toBeUndefined()
})
