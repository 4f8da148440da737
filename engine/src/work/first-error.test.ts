import { expect, test } from 'vitest'
import { TillsafeError } from '../model/index.ts'
import { blamePath } from './blame-path.ts'
import { diskFailure } from './disk-failure.ts'
import { firstError } from './first-error.ts'

const FIRST = Object.assign(new Error('the first failure'), { code: 'EROFS' })

test('a failure is told as it was when what is put away afterwards fails, too', async () => {
  const thrown = await failTwiceMore(FIRST)
  expect(thrown).toBeInstanceOf(SuppressedError)
  expect(firstError(thrown)).toBe(FIRST)
  expect(firstError(FIRST)).toBe(FIRST)
})

test('a disk that fails for good is named, though the temporary folder could not be removed either', async () => {
  expect(await diskFailure(await failTwiceMore(FIRST), '/')).toMatchObject({ code: 'disk.failed' })
  const known = new TillsafeError('space.short', 'full')
  expect(await diskFailure(await failTwiceMore(known), '/')).toBe(known)
  const blamed = blamePath('/exported.zip', async () => {
    throw await failTwiceMore(FIRST)
  })
  await expect(blamed).rejects.toMatchObject({ code: 'destination.denied' })
})

/** What is thrown when work fails and both things that it used fail to be put away. */
async function failTwiceMore(error: unknown): Promise<unknown> {
  try {
    await using _outer = new Stubborn()
    await using _inner = new Stubborn()
    throw error
  } catch (thrown) {
    return thrown
  }
}

class Stubborn implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    throw new Error('it could not be put away')
  }
}
