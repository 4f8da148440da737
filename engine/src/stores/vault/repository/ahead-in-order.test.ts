import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { aheadInOrder } from './ahead-in-order.ts'

test('gives what comes of each in its order, however long each takes, a few at once', async () => {
  let underWay = 0
  let most = 0
  const given = await Array.fromAsync(
    aheadInOrder([30, 1, 20, 2, 10, 3], 3, async (milliseconds) => {
      underWay += 1
      most = Math.max(most, underWay)
      await setTimeout(milliseconds)
      underWay -= 1
      return milliseconds
    }),
  )
  expect(given).toEqual([30, 1, 20, 2, 10, 3])
  expect(most).toBe(3)
})

test.each([1, 4])('throws a failure in its turn, and leaves nothing under way (%i at once)', async (atOnce) => {
  const ended: number[] = []
  const given: number[] = []
  const all = (async () => {
    const reading = aheadInOrder([1, 2, 3, 4, 5, 6], atOnce, async (item) => {
      await setTimeout(5 * (7 - item))
      ended.push(item)
      if (item === 3) {
        throw new Error('the third')
      }
      return item
    })
    for await (const one of reading) {
      given.push(one)
    }
  })()
  await expect(all).rejects.toThrow('the third')
  expect(given).toEqual([1, 2])
  const before = ended.length
  await setTimeout(50)
  expect(ended.length).toBe(before)
})

test('who stops early is not left with work under way', async () => {
  let underWay = 0
  for await (const _ of aheadInOrder([1, 2, 3, 4, 5], 3, async () => {
    underWay += 1
    await setTimeout(10)
    underWay -= 1
  })) {
    break
  }
  expect(underWay).toBe(0)
})
