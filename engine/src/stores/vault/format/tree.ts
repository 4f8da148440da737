import { ID_BYTES } from './blob-id.ts'
import { goTime, quoteName, unquoteName } from './go-text.ts'
import { isObject, parseJson } from './json.ts'
import { shortenText } from './long-lists.ts'

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
  readonly #nodes: { readonly name: string; readonly text: NodeText }[] = []

  constructor(owner: Owner) {
    this.#owner = owner
  }

  add(node: FileNode | FolderNode): void {
    this.#nodes.push({ name: node.name, text: nodeText(node, this.#owner) })
  }

  encode(): Buffer {
    const sorted = this.#nodes.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    const parts: (string | Buffer)[] = sorted.flatMap(({ text: { head, ids } }, index) => [
      index === 0 ? head : `,${head}`,
      ...(ids === undefined ? [] : [hexIds(ids), ']}']),
    ])
    return joined(['{"nodes":[', ...parts, ']}\n'])
  }
}

/** The nodes of a tree. Error: `TreeBroken`. */
export function decodeTree(bytes: Uint8Array): TreeNode[] {
  const { text, lists } = shortenText(bytes)
  const parsed = parse(text)
  const nodes = isObject(parsed) ? parsed['nodes'] : undefined
  if (nodes === null) {
    return [] // an empty folder of Go
  }
  if (!Array.isArray(nodes)) {
    throw new TreeBroken('it has no nodes')
  }
  return nodes.map((node) => decodeNode(node, lists))
}

/** A tree that was sealed with the right key, and is none. */
export class TreeBroken extends Error {}

/** A node as JSON. The ids of a large file follow its head: as a text of their own they would take three times their memory. */
interface NodeText {
  readonly head: string
  readonly ids: Buffer | undefined
}

/** Fewer ids are text like all else: a folder may have very many small files. */
const MANY_IDS_BYTES = 1024 * ID_BYTES

function nodeText(node: FileNode | FolderNode, { uid, gid }: Owner): NodeText {
  const name = quoteName(node.name)
  if (node.kind === 'folder') {
    const time = goTime(0)
    const times = { mtime: time, atime: time, ctime: time }
    const subtree = node.subtree.toString('hex')
    const folder = { name, type: 'dir', mode: FOLDER_MODE, ...times, uid, gid, content: null, subtree }
    return { head: JSON.stringify(folder), ids: undefined }
  }
  const time = goTime(node.modifiedMs)
  const size = node.bytes === 0 ? undefined : node.bytes
  const times = { mtime: time, atime: time, ctime: time }
  const file = JSON.stringify({ name, type: 'file', mode: FILE_MODE, ...times, uid, gid, size, links: 1 })
  const head = `${file.slice(0, -1)},"content":[`
  return node.content.byteLength >= MANY_IDS_BYTES
    ? { head, ids: Buffer.from(node.content) }
    : { head: `${head}${hexIds(node.content).toString('latin1')}]}`, ids: undefined }
}

/** `"…","…"`. */
function hexIds(ids: Buffer): Buffer {
  const count = ids.byteLength / ID_BYTES
  const text = Buffer.alloc(Math.max(0, count * (2 * ID_BYTES + 3) - 1), '"')
  for (let index = 0; index < count; index += 1) {
    const at = index * (2 * ID_BYTES + 3)
    text.write(ids.toString('hex', index * ID_BYTES, (index + 1) * ID_BYTES), at + 1, 'latin1')
    if (index > 0) {
      text.write(',', at - 1, 'latin1')
    }
  }
  return text
}

function joined(parts: readonly (string | Buffer)[]): Buffer {
  const whole = Buffer.alloc(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0))
  let at = 0
  for (const part of parts) {
    at += typeof part === 'string' ? whole.write(part, at) : part.copy(whole, at)
  }
  return whole
}

function decodeNode(node: unknown, lists: ReadonlyMap<number, Buffer>): TreeNode {
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
        content: listOf(node['content'], lists) ?? idsOf(node['content'] ?? [], name),
      }
    default:
      return { kind: 'other', name, type: node['type'] }
  }
}

/** What stands for a long list; see `shortenText`. */
function listOf(content: unknown, lists: ReadonlyMap<number, Buffer>): Buffer | undefined {
  const [number]: readonly unknown[] = Array.isArray(content) && content.length === 1 ? content : []
  return typeof number === 'number' ? lists.get(number) : undefined
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
