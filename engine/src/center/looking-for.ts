import { readSchemaMap } from '../schema/read-schema-map.ts'
import type { Looking } from './brought/brought.ts'
import { allDatabaseKeys } from './database-keys.ts'
import type { Shop } from './shop.ts'

/** How a shop looks into a file that somebody brings: it knows its own signature, and what its tables mean. */
export async function lookingFor(
  shop: Shop | undefined,
  rest: Pick<Looking, 'scratch' | 'key' | 'purpose'>,
): Promise<Looking> {
  const workspaces = shop?.settings.workspaces ?? []
  const map = workspaces[0]?.schemaMap
  return {
    publicKey: shop?.signer.publicKey ?? '',
    schemaMap: map === undefined ? undefined : await readSchemaMap(map),
    live: workspaces.map((workspace) => workspace.source.database),
    databaseKeys: shop === undefined ? [] : allDatabaseKeys(shop.secrets),
    ...rest,
  }
}
