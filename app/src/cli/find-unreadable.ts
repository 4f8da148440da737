import type { Shelf, Shop } from '@tillsafe/engine'
import { failureOf } from '@tillsafe/engine/model'

/** Something that lies where a backup should be and cannot be read as one. */
export interface Unreadable {
  readonly destination: string
  readonly key: string
  readonly problem: string
}

/** What lies in the places of backups and is none, and the places that cannot be looked at. */
export async function findUnreadable(
  shop: Shop,
  workspace: string | undefined,
): Promise<{ unreadable: readonly Unreadable[]; unreachable: readonly string[] }> {
  const workspaces = workspace === undefined ? shop.settings.workspaces : [shop.workspace(workspace)]
  const unreadable: Unreadable[] = []
  const unreachable: string[] = []
  for (const shelf of workspaces.flatMap((one) => shop.shelves(one))) {
    try {
      unreadable.push(...(await unreadableIn(shelf)))
    } catch (error) {
      unreachable.push(`${shelf.destination.name}: ${failureOf(error).message}`)
    }
  }
  return { unreadable, unreachable }
}

async function unreadableIn({ destination, store }: Shelf): Promise<Unreadable[]> {
  const unreadable: Unreadable[] = []
  for await (const listed of store.list()) {
    if (listed.kind === 'unreadable') {
      unreadable.push({ destination: destination.name, key: listed.key, problem: listed.problem })
    }
  }
  return unreadable
}
