import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { goTime, quoteName, unquoteName } from './go-text.ts'
import { decodeTree, type FileNode, TreeBroken, TreeText } from './tree.ts'

const file = (name: string, changes: Partial<FileNode> = {}): FileNode => ({
  kind: 'file',
  name,
  bytes: 5,
  modifiedMs: 1_763_700_000_123,
  content: randomBytes(32),
  ...changes,
})

describe('a tree', () => {
  test('comes back in the order of the bytes of its names', () => {
    const nodes = [
      file('b'),
      file('Ω'),
      file('😀'),
      file('ﬀ'),
      file('a'),
      { kind: 'folder', name: 'a b', subtree: randomBytes(32) } as const,
    ]
    const text = new TreeText({ uid: 1000, gid: 100 })
    for (const node of nodes) {
      text.add(node)
    }
    const sorted = nodes.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    expect(decodeTree(text.encode())).toEqual(sorted)
  })

  test('has the very text that restic writes', () => {
    const text = new TreeText({ uid: 0, gid: 0 })
    text.add(file('empty', { bytes: 0, content: Buffer.alloc(0), modifiedMs: 1000 }))
    const time = '1970-01-01T00:00:01Z'
    expect(text.encode().toString()).toBe(
      `{"nodes":[{"name":"empty","type":"file","mode":384,"mtime":"${time}","atime":"${time}","ctime":"${time}","uid":0,"gid":0,"links":1,"content":[]}]}\n`,
    )
  })

  test.each([1, 1023, 1024, 3000])('names all %i blobs of a file, between its neighbours', (blobs) => {
    const files = [
      file('a'),
      file('b ö', { content: randomBytes(32 * blobs) }),
      file('c'),
      file('d', { content: randomBytes(32 * blobs) }),
    ]
    const text = new TreeText({ uid: 1, gid: 2 })
    for (const one of files.toReversed()) {
      text.add(one)
    }
    const encoded = text.encode()
    expect(decodeTree(encoded)).toEqual(files)
    expect(`${JSON.stringify(JSON.parse(encoded.toString()))}\n`).toBe(encoded.toString())
  })

  const many = Array.from({ length: 1500 }, () => randomBytes(32).toString('hex'))
  const list = JSON.stringify(many)
  const nodeNamed = (name: string, content: string, more = '') =>
    `{"name":${JSON.stringify(name)},"type":"file"${more},"content":${content}}`

  test.each([
    ['a list of a key that only ends so', nodeNamed('a', '[]', `,"x\\"content":${list}`), 0],
    ['a list before the one that counts', nodeNamed('a', '[]', `,"content":${list}`), 0],
    ['a list after the one that does not count', nodeNamed('a', list, ',"content":[]'), 1500],
    ['a list inside of something else', nodeNamed('a', '[]', `,"x":{"content":${list}}`), 0],
    ['a list written with spaces', nodeNamed('a', list.replaceAll(',', ', ')), 1500],
    ['a name that looks like one', nodeNamed(`"content":${list}`, '[]'), 0],
  ])('is what JSON says it is: %s', (_, node, blobs) => {
    const [decoded] = decodeTree(Buffer.from(`{"nodes":[${node}]}`))
    expect(decoded?.kind === 'file' && decoded.content.toString('hex')).toBe(many.slice(0, blobs).join(''))
  })

  test.each([
    ['a number in place of a list', `${nodeNamed('a', list)},${nodeNamed('b', '[0]')}`],
    ['a number in place of a list, and no list', nodeNamed('b', '[0]')],
    ['a number in place of a list that is not used', nodeNamed('a', '[0]', `,"x":{"content":${list}}`)],
    ['an id with a strange digit', nodeNamed('a', list.replace(/.(?="]$)/, 'g'))],
    ['an id that is too short', nodeNamed('a', list.replace(/.(?="]$)/, ''))],
    ['a list that does not end', nodeNamed('a', list.slice(0, -1))],
    ['half a list', `{"name":"a","type":"file","content":${list.slice(0, -80)}`],
  ])('is none with %s', (_, nodes) => {
    expect(() => decodeTree(Buffer.from(`{"nodes":[${nodes}]}`))).toThrow(TreeBroken)
  })

  test('of an empty folder is empty, also as Go writes it', () => {
    expect(decodeTree(Buffer.from('{"nodes":[]}\n'))).toEqual([])
    expect(decodeTree(Buffer.from('{"nodes":null}'))).toEqual([])
  })

  test.each([
    '',
    '[]',
    '{}',
    '{"nodes":[1]}',
    '{"nodes":[{"name":"a"}]}',
    '{"nodes":[{"name":"a","type":"file","content":["12"]}]}',
    `{"nodes":[{"name":"a","type":"file","content":["${'g'.repeat(64)}"]}]}`,
    '{"nodes":[{"name":"a","type":"dir"}]}',
  ])('is none: %s', (text) => {
    expect(() => decodeTree(Buffer.from(text))).toThrow(TreeBroken)
  })
})

describe('names in Go’s quoting', () => {
  test('come back whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(unquoteName(quoteName(name))).toBe(name.toWellFormed())
      }),
    )
  })

  test.each([
    ['\\u00e9\\U0001f600\\x41\\101\\t\\"\\\\', 'é😀AA\t"\\'],
    ['plain', 'plain'],
  ])('%s is read', (quoted, name) => {
    expect(unquoteName(quoted)).toBe(name)
  })
})

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [10_120, '1970-01-01T00:00:10.12Z'],
  [1_763_719_200_001, '2025-11-21T10:00:00.001Z'],
])('%i ms is %s', (ms, text) => {
  expect(goTime(ms)).toBe(text)
})
