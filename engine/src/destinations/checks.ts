import assert from 'node:assert/strict'
import { TillsafeError } from '../model/index.ts'
import { bytesContent, readAll } from '../snapshot/bytes-content.ts'
import type { Content } from '../snapshot/content.ts'
import type { Check } from '../testing/check.ts'
import { collect } from '../testing/collect.ts'
import type { Destination, Key } from './destination.ts'

const text = (words: string): Content => bytesContent(Buffer.from(words))
const FIVE_MIB = 5 * 1024 * 1024 + 3

/** What every destination promises. Each check works on an empty destination. */
export const destinationChecks: readonly Check<Destination>[] = [
  check('gives back what was written', async (destination) => {
    await destination.write('a/b.txt', text('some bytes'))
    assert.equal(await textOf(destination, 'a/b.txt'), 'some bytes')
    assert.equal(await destination.size('a/b.txt'), 10)
  }),
  check('keeps an empty object', async (destination) => {
    await destination.write('empty', text(''))
    assert.equal(await destination.size('empty'), 0)
    assert.equal(await textOf(destination, 'empty'), '')
    assert.deepEqual(await keysOf(destination), ['empty'])
  }),
  check('keeps an object of several MiB', async (destination) => {
    const bytes = pattern(FIVE_MIB)
    await destination.write('large', bytesContent(bytes))
    assert.ok(bytes.equals(await readAll(await destination.read('large'))))
  }),
  check('keeps an object that comes in many small pieces', async (destination) => {
    const bytes = pattern(10_000)
    await destination.write('pieces', inPieces(bytes, 7))
    assert.ok(bytes.equals(await readAll(await destination.read('pieces'))))
  }),
  check('reads any part of an object', async (destination) => {
    const bytes = pattern(FIVE_MIB)
    await destination.write('large', bytesContent(bytes))
    for (const [start, end] of [
      [0, 1],
      [1, 1],
      [1023, 1025],
      [1_048_575, 2_097_153],
      [FIVE_MIB - 1, FIVE_MIB],
    ] as const) {
      const part = await readAll(await destination.read('large', { start, end }))
      assert.ok(bytes.subarray(start, end).equals(part), `bytes ${start} to ${end}`)
    }
  }),
  check('takes names with spaces, accents, dots and dashes', async (destination) => {
    const keys = [
      'Café d été_backup_20261121_105700.db',
      'Épicerie/Œufs frais.db.json',
      'zum Bären/1-2_3.tar.gz',
      '日本の店/見本',
    ]
    for (const key of keys) {
      await destination.write(key, text(key))
    }
    for (const key of keys) {
      assert.equal(await textOf(destination, key), key)
    }
    assert.deepEqual(await keysOf(destination), keys.toSorted())
  }),
  check('never replaces an object', async (destination) => {
    await destination.write('a', text('first'))
    await refuses(destination.write('a', text('second')), 'destination.name-taken')
    await refuses(destination.write('a', text('first')), 'destination.name-taken')
    assert.equal(await textOf(destination, 'a'), 'first')
  }),
  check('lets one of several writers of a key win, with whole bytes', async (destination) => {
    const contents = Array.from({ length: 5 }, (_, index) => Buffer.alloc(300_000, index))
    const outcomes = await Promise.allSettled(
      contents.map(async (bytes) => await destination.write('contested', inPieces(bytes, 65_536))),
    )
    const winners = contents.filter((_, index) => outcomes[index]?.status === 'fulfilled')
    assert.equal(winners.length, 1)
    assert.ok(winners[0]?.equals(await readAll(await destination.read('contested'))))
    for (const outcome of outcomes) {
      assert.ok(outcome.status === 'fulfilled' || codeOf(outcome.reason) === 'destination.name-taken')
    }
  }),
  check('leaves nothing of a content that fails half-way, and passes its error on', async (destination) => {
    const broken = new Error('the source broke')
    const failure = await destination.write('a/broken', breakingOff(pattern(3_000_000), broken)).catch((error) => error)
    assert.equal(failure, broken)
    await hasNothing(destination, 'a/broken')
  }),
  check('leaves nothing of a content that cannot be opened', async (destination) => {
    const content: Content = {
      bytes: 1,
      open: async () => await Promise.reject(Object.assign(new Error('no such image'), { code: 'ENOENT' })),
    }
    await assert.rejects(destination.write('a', content), /no such image/)
    await hasNothing(destination, 'a')
  }),
  check('leaves nothing of a content that is shorter or longer than announced', async (destination) => {
    const bytes = pattern(2_000_000)
    for (const announced of [bytes.byteLength - 1, bytes.byteLength + 1, 0]) {
      const content: Content = { bytes: announced, open: async () => await bytesContent(bytes).open() }
      await refuses(destination.write('a', content), 'destination.failed')
      await hasNothing(destination, 'a')
    }
  }),
  check('takes a key after a write of it has failed', async (destination) => {
    await assert.rejects(destination.write('a', breakingOff(pattern(100), new Error('broke'))))
    await destination.write('a', text('whole'))
    assert.equal(await textOf(destination, 'a'), 'whole')
  }),
  check('shows an object only when it is whole', async (destination) => {
    const seen: (number | undefined)[] = []
    const content: Content = {
      bytes: 2,
      async open() {
        return (async function* () {
          yield Buffer.from('a')
          seen.push(await destination.size('a/slow'))
          assert.deepEqual(await keysOf(destination), [])
          yield Buffer.from('b')
        })()
      },
    }
    await destination.write('a/slow', content)
    assert.deepEqual(seen, [undefined])
    assert.equal(await textOf(destination, 'a/slow'), 'ab')
  }),
  check('lists the keys with a prefix, in order', async (destination) => {
    const keys = ['b', 'a/2', 'a/10', 'a-b', 'a.b', 'a b/c', 'ab', 'a/x/y', 'B', 'é', 'a/x.y']
    for (const key of keys) {
      await destination.write(key, text(key))
    }
    for (const prefix of ['', 'a', 'a/', 'a/x', 'a/x/', 'nothing', 'a/x/y', 'a/x/y/', '/', '..']) {
      const expected = keys.filter((key) => key.startsWith(prefix)).toSorted()
      assert.deepEqual(await keysOf(destination, prefix), expected, `prefix ${prefix}`)
    }
  }),
  check('removes an object, and its key can be used again', async (destination) => {
    await destination.write('a/b', text('old'))
    await destination.write('a/c', text('other'))
    await destination.remove('a/b')
    await hasNothing(destination, 'a/b')
    assert.deepEqual(await keysOf(destination), ['a/c'])
    await destination.write('a/b', text('new'))
    assert.equal(await textOf(destination, 'a/b'), 'new')
  }),
  check('does not mind removing what is not there', async (destination) => {
    await destination.remove('nothing/here')
    await destination.write('a/b', text('b'))
    await destination.remove('a')
    await destination.remove('a/b/c')
    assert.deepEqual(await keysOf(destination), ['a/b'])
  }),
  check('says so when an object is missing', async (destination) => {
    await refuses(destination.read('nothing'), 'object.missing')
    await refuses(destination.read('no/folder/either'), 'object.missing')
    assert.equal(await destination.size('nothing'), undefined)
    await destination.write('a/b', text('b'))
    await refuses(destination.read('a'), 'object.missing')
    assert.equal(await destination.size('a'), undefined)
    assert.equal(await destination.size('a/b/c'), undefined)
  }),
  check('refuses keys that lead elsewhere or that some disk cannot store', async (destination) => {
    for (const key of HOSTILE_KEYS) {
      await refuses(destination.write(key, text('x')), 'destination.denied')
      await refuses(destination.read(key), 'destination.denied')
      await refuses(destination.size(key), 'destination.denied')
      await refuses(destination.remove(key), 'destination.denied')
    }
    assert.deepEqual(await keysOf(destination), [])
  }),
  check('keeps what is whole when it is swept', async (destination) => {
    await destination.write('a/b', text('b'))
    await destination.sweep()
    await destination.sweep()
    assert.equal(await textOf(destination, 'a/b'), 'b')
  }),
]

const HOSTILE_KEYS: readonly Key[] = [
  '',
  '/',
  '..',
  '.',
  '../a',
  'a/../../b',
  'a/./b',
  'a//b',
  'a/',
  '/etc/passwd',
  'C:/a',
  'a\\b',
  '..\\a',
  'a\0b',
  'a\nb',
  'a*',
  'a?b',
  'nul',
  'a/COM1.txt',
  'ends with a dot.',
  'ends with a space ',
  '.hidden',
  '.tillsafe-drafts/a',
  'a/.hidden',
  `${'a'.repeat(256)}`,
  `${'é'.repeat(128)}`,
  'e\u0301',
  "d'été",
]

function check(name: string, promise: (destination: Destination) => Promise<void>): Check<Destination> {
  return { name, run: async (make) => await promise(await make()) }
}

async function keysOf(destination: Destination, prefix = ''): Promise<Key[]> {
  return await collect(destination.list(prefix))
}

async function textOf(destination: Destination, key: Key): Promise<string> {
  return (await readAll(await destination.read(key))).toString()
}

async function hasNothing(destination: Destination, key: Key): Promise<void> {
  assert.equal(await destination.size(key), undefined)
  await refuses(destination.read(key), 'object.missing')
  assert.ok(!(await keysOf(destination)).includes(key))
}

async function refuses(attempt: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(attempt, (error) => codeOf(error) === code)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof TillsafeError ? error.code : undefined
}

/** Bytes that repeat at no round distance, so that a shifted or swapped chunk shows. */
function pattern(bytes: number): Buffer {
  return Buffer.alloc(bytes, Buffer.from(Array.from({ length: 251 }, (_, index) => (index * 7 + 3) % 256)))
}

function inPieces(bytes: Uint8Array, size: number): Content {
  return {
    bytes: bytes.byteLength,
    async open() {
      return (async function* () {
        for (let start = 0; start < bytes.byteLength; start += size) {
          yield bytes.subarray(start, start + size)
        }
      })()
    },
  }
}

function breakingOff(bytes: Uint8Array, error: Error): Content {
  return {
    bytes: bytes.byteLength,
    async open() {
      return (async function* () {
        yield bytes.subarray(0, bytes.byteLength / 2)
        throw error
      })()
    },
  }
}
