import { execFileSync } from 'node:child_process'
import { constants, getPriority } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const OURS = JSON.stringify(join(import.meta.dirname, 'give-back-memory.ts'))

/** What a script says of its priority: of the thread that asks on Linux, of the process elsewhere. */
function priorityAfter(script: string): number {
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}

test('a program of ours yields to others', () => {
  const own = priorityAfter(`
    import { getPriority } from 'node:os'
    import { ownThisProcess } from ${OURS}
    ownThisProcess()
    console.log(getPriority())`)
  expect(own).toBe(Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL))
})

test('a thread of ours in a till does not have the till yield', () => {
  const till = priorityAfter(`
    import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
    import { getPriority, tmpdir } from 'node:os'
    import { join } from 'node:path'
    import { Worker } from 'node:worker_threads'
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-thread-'))
    const file = join(folder, 'thread.mjs')
    writeFileSync(file, \`import { getPriority } from 'node:os'
      import { parentPort } from 'node:worker_threads'
      import { ownThisProcess } from ${OURS}
      ownThisProcess()
      parentPort.postMessage(getPriority())\`)
    const thread = new Worker(file, { execArgv: [] })
    thread.on('message', (priority) => {
      console.log(Math.max(priority, getPriority()))
      rmSync(folder, { recursive: true })
    })`)
  expect(till).toBe(getPriority())
})
