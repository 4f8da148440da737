import { describe, test } from 'vitest'
import { destinationChecks } from './checks.ts'
import { MemoryDestination } from './memory.ts'

describe('a destination in memory', () => {
  test.each(destinationChecks)('$name', async ({ run }) => {
    await run(async () => new MemoryDestination())
  })
})
