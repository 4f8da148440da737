import { printable, TillsafeError } from '../../../../model/index.ts'
import { ID_BYTES } from '../../format/blob-id.ts'
import type { FileNode } from '../../format/tree.ts'
import { type BlobIndex, plainBytesOf } from '../../repository/blob-index.ts'
import type { Repository } from '../../repository/repository.ts'
import { TreeGraph, type VisitedTree } from '../tree-graph.ts'
import type { Findings } from './findings.ts'

/** Which problems each tree has by itself; what lies below it is the graph's. */
export interface TreeProblems {
  readonly graph: TreeGraph
  readonly ofTree: ReadonlyMap<number, ReadonlySet<number>>
  /** Problems that restic leaves unsaid: its own snapshots have them now and then. */
  readonly sizes: ReadonlySet<number>
}

/** Walks all trees below these roots, and looks whether their blobs are there. */
export async function checkTrees(
  repository: Repository,
  index: BlobIndex,
  roots: Iterable<Uint8Array>,
  findings: Findings,
  signal: AbortSignal,
): Promise<TreeProblems> {
  const graph = new TreeGraph()
  const ofTree = new Map<number, Set<number>>()
  const sizes = new Set<number>()
  await graph.visit(repository, index, roots, signal, (tree) => {
    const problems = problemsOf(repository, index, tree, findings, sizes)
    if (problems.size > 0) {
      ofTree.set(tree.number, problems)
    }
  })
  return { graph, ofTree, sizes }
}

function problemsOf(
  { files }: Repository,
  index: BlobIndex,
  { id, read }: VisitedTree,
  findings: Findings,
  sizes: Set<number>,
): Set<number> {
  const pack = index.find('tree', id)?.pack
  const file = pack === undefined ? `${files.root}/index` : files.keyOf('data', pack)
  const spoilt = findings.spoiling(index, 'tree', id)
  if (read instanceof TillsafeError) {
    return new Set([spoilt ?? findings.add(file, read.message)])
  }
  const problems = new Set(spoilt === undefined ? [] : [spoilt])
  const unknown: string[] = []
  for (const node of read.filter((one) => one.kind === 'file')) {
    const { bytes, isKnown, spoiling } = contentOf(index, node, findings)
    spoiling.forEach((problem) => {
      problems.add(problem)
    })
    if (!isKnown) {
      unknown.push(node.name)
    } else if (bytes !== node.bytes) {
      const size = findings.add(file, `${printable(node.name)} has ${bytes} bytes in its blobs, not ${node.bytes}`)
      problems.add(size)
      sizes.add(size)
    }
  }
  if (unknown.length > 0) {
    problems.add(findings.add(`${files.root}/index`, `no index knows all the blobs of ${sayFirst(unknown)}`))
  }
  return problems
}

function sayFirst([first = '', ...others]: readonly string[]): string {
  return `${printable(first)}${others.length > 0 ? ` and ${others.length} files beside it` : ''}`
}

function contentOf(
  index: BlobIndex,
  { content }: FileNode,
  findings: Findings,
): { readonly bytes: number; readonly isKnown: boolean; readonly spoiling: ReadonlySet<number> } {
  const spoiling = new Set<number>()
  let bytes = 0
  let isKnown = true
  for (let position = 0; position < content.byteLength; position += ID_BYTES) {
    const id = content.subarray(position, position + ID_BYTES)
    const place = index.find('data', id)
    const problem = findings.spoiling(index, 'data', id)
    if (problem !== undefined) {
      spoiling.add(problem)
    }
    isKnown &&= place !== undefined
    bytes += place === undefined ? 0 : plainBytesOf(place.blob)
  }
  return { bytes, isKnown, spoiling }
}
