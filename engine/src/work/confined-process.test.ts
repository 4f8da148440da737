import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runInChild, type Walls } from './confined-process.ts'

const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'tillsafe-walls-'))))
const program = join(folder, 'program.ts')
const child = join(import.meta.dirname, 'confined-child.ts')
const job = { signal: new AbortController().signal }
const walls: Walls = { read: [folder], write: [], milliseconds: 10_000, memoryBytes: 400 * 1024 * 1024 }

beforeAll(() => {
  writeFileSync(
    program,
    `import { readFileSync, writeFileSync } from 'node:fs'
    import { connect } from 'node:net'
    import { spawnSync } from 'node:child_process'
    import { answerOneTask } from ${JSON.stringify(child)}
    const works = {
      read: ({ path }) => readFileSync(path, 'utf8'),
      write: ({ path }) => writeFileSync(path, 'x'),
      spawn: () => String(spawnSync('/bin/true').error?.code),
      env: () => Object.keys(process.env).filter((name) => name !== 'ELECTRON_RUN_AS_NODE'),
      connect: ({ port }) => new Promise((resolve, reject) => connect(port, '127.0.0.1', () => resolve('connected')).on('error', reject)),
      hang: () => { for (;;) {} },
      report: async (_, progress) => { await progress(1, 2); await progress(2, 2) },
      sleep: () => new Promise((resolve) => setTimeout(() => resolve('slept'), 1500)),
      grow: () => { const all = []; for (;;) all.push(Buffer.alloc(8 * 1024 * 1024, 1)) },
      crash: () => process.abort(),
    }
    answerOneTask({ run: async (task, progress) => works[task.kind](task, progress), explain: (error) => error })`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('behind walls', () => {
  test('what is named may be read, and nothing else', async () => {
    writeFileSync(join(folder, 'given'), 'given')
    expect(await runInChild(program, { kind: 'read', path: join(folder, 'given') }, job, walls)).toBe('given')
    await expect(runInChild(program, { kind: 'read', path: '/etc/hostname' }, job, walls)).rejects.toThrow(/restricted/)
  })

  test('nothing is written outside the folders given', async () => {
    await expect(runInChild(program, { kind: 'write', path: join(folder, 'made') }, job, walls)).rejects.toThrow(
      /restricted/,
    )
  })

  test('no network is reached', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const port = (server.address() as { port: number }).port
    await expect(runInChild(program, { kind: 'connect', port }, job, walls)).rejects.toThrow(/restricted/)
    expect(await runInChild(program, { kind: 'connect', port }, job)).toBe('connected') // the check can fail
    server.close()
  })

  test('no program is started, and no environment is handed down', async () => {
    await expect(runInChild(program, { kind: 'spawn' }, job, walls)).rejects.toThrow(/restricted/)
    expect(await runInChild(program, { kind: 'env' }, job, walls)).toEqual([])
  })

  test('one that only waits is given time', async () => {
    expect(await runInChild(program, { kind: 'sleep' }, job, { ...walls, milliseconds: 1000 })).toBe('slept')
  })

  test.each(['hang', 'grow', 'crash'])('one that would %s is stopped', async (kind) => {
    const begun = performance.now()
    const tight = { ...walls, milliseconds: kind === 'hang' ? 500 : 10_000 }
    await expect(runInChild(program, { kind }, job, tight)).rejects.toMatchObject({ code: 'file.over-limit' })
    expect(performance.now() - begun).toBeLessThan(15_000) // by its own watch, not by the longest wait
  })
})

test('what a process said last is heard, though it ends while the end of another is being noticed', async () => {
  const answer = runInChild(program, { kind: 'sleep' }, job)
  const onProgress = (part: number) => block(part === 1 ? 500 : 3000) // the other answers and ends meanwhile
  await runInChild(program, { kind: 'report' }, { ...job, onProgress })
  expect(await answer).toBe('slept')
})

function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
