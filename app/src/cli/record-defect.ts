import { existsSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { systemClock } from '@tillsafe/engine'
import { type Failure, failureOf } from '@tillsafe/engine/model'

/** What went wrong, as data. A defect goes with its stack into the log of the home folder, if there is one. */
export async function recordDefect(error: unknown, home: string): Promise<Failure> {
  const failure = failureOf(error)
  if (failure.code !== 'internal' || !existsSync(home)) {
    return failure
  }
  const file = join(home, 'log', 'defects.log')
  try {
    await mkdir(join(home, 'log'), { recursive: true, mode: 0o700 })
    await appendFile(file, `${systemClock.now()} ${inspect(error)}\n`)
    return { ...failure, hint: `This is a defect of Tillsafe. ${file} has the details.` }
  } catch {
    return failure // the defect matters more than its log
  }
}
