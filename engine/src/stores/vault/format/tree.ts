import { ID_BYTES } from './blob-id.ts'
import { goTime, quoteName, unquoteName } from './go-text.ts'
import { isObject, parseJson } from './json.ts'

/** A file in a tree. */
export interface FileNode {
  readonly kind: 'file'
  readonly name: string
  readonly bytes: number
  readonly modifiedMs: number
  /** Ids of its blobs in order, 32 bytes each. */
  readonly content: Buffer
}

/** A folder in a tree. */
export interface FolderNode {
  readonly kind: 'folder'
  readonly name: string
  readonly subtree: Buffer
}

/** Links, devices and whatever else other programs keep: they are left alone. */
interface OtherNode {
  readonly kind: 'other'
  readonly name: string
  /** As restic calls it: `symlink`, `fifo` … */
  readonly type: string
}

export type TreeNode = FileNode | FolderNode | OtherNode

/** Whose the files are once restic has restored them. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** As Go has them: a folder's mode has the highest bit. */
const FILE_MODE = 0o600
const FOLDER_MODE = 2 ** 31 + 0o700

/**
 * The list of a folder, made node by node: what restic would write for the same nodes, in the order of their names' bytes.
 * Source: restic, Design, "Trees and Data".
 */
export class TreeText {
  readonly #owner: Owner
  readonly #nodes: { readonly name: string; readonly text: string }[] = []

  constructor(owner: Owner) {
    this.#owner = owner
  }

  add(node: FileNode | FolderNode): void {
    this.#nodes.push({ name: node.name, text: nodeText(node, this.#owner) })
  }

  encode(): Buffer {
    const sorted = this.#nodes.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    return Buffer.from(`{"nodes":[${sorted.map(({ text }) => text).join(',')}]}\n`)
  }
}

/** The nodes of a tree. Error: `TreeBroken`. */
export function decodeTree(bytes: Uint8Array): TreeNode[] {
  const parsed = parse(bytes)
  const nodes = isObject(parsed) ? parsed['nodes'] : undefined
  if (nodes === null) {
    return [] // an empty folder of Go
  }
  if (!Array.isArray(nodes)) {
    throw new TreeBroken('it has no nodes')
  }
  return nodes.map(decodeNode)
}

/** A tree that was sealed with the right key, and is none. */
export class TreeBroken extends Error {}

function nodeText(node: FileNode | FolderNode, { uid, gid }: Owner): string {
  const name = quoteName(node.name)
  if (node.kind === 'folder') {
    const time = goTime(0)
    const times = { mtime: time, atime: time, ctime: time }
    const subtree = node.subtree.toString('hex')
    return JSON.stringify({ name, type: 'dir', mode: FOLDER_MODE, ...times, uid, gid, content: null, subtree })
  }
  const time = goTime(node.modifiedMs)
  const size = node.bytes === 0 ? undefined : node.bytes
  const times = { mtime: time, atime: time, ctime: time }
  const head = JSON.stringify({ name, type: 'file', mode: FILE_MODE, ...times, uid, gid, size, links: 1 })
  return `${head.slice(0, -1)},"content":[${hexIds(node.content)}]}`
}

function hexIds(ids: Buffer): string {
  const texts: string[] = []
  for (let start = 0; start < ids.byteLength; start += ID_BYTES) {
    texts.push(`"${ids.toString('hex', start, start + ID_BYTES)}"`)
  }
  return texts.join(',')
}

function decodeNode(node: unknown): TreeNode {
  if (!isObject(node) || typeof node['name'] !== 'string' || typeof node['type'] !== 'string') {
    throw new TreeBroken('it has a node without name or type')
  }
  const name = unquoteName(node['name'])
  switch (node['type']) {
    case 'dir':
      return { kind: 'folder', name, subtree: idOf(node['subtree'], name) }
    case 'file':
      return {
        kind: 'file',
        name,
        bytes: typeof node['size'] === 'number' ? node['size'] : 0,
        modifiedMs: typeof node['mtime'] === 'string' ? Date.parse(node['mtime']) : 0,
        content: idsOf(node['content'] ?? [], name),
      }
    default:
      return { kind: 'other', name, type: node['type'] }
  }
}

function idsOf(texts: unknown, name: string): Buffer {
  if (!Array.isArray(texts)) {
    throw new TreeBroken(`the content of ${name} is no list`)
  }
  const ids = Buffer.alloc(texts.length * ID_BYTES)
  for (const [index, text] of texts.entries()) {
    if (
      typeof text !== 'string' ||
      text.length !== 2 * ID_BYTES ||
      ids.write(text, index * ID_BYTES, 'hex') !== ID_BYTES
    ) {
      throw new TreeBroken(`the content of ${name} has an id that is none`)
    }
  }
  return ids
}

function idOf(text: unknown, name: string): Buffer {
  return idsOf([text], name)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw new TreeBroken('it is not JSON', { cause })
  }
}
