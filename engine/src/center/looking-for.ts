import type { SchemaMap, WorkspaceSettings } from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import type { Looking } from './brought/brought.ts'
import { allDatabaseKeys } from './database-keys.ts'
import type { Shop } from './shop.ts'

/** How a shop looks into a file that somebody brings: it knows its own signature, and what its tables mean. */
export async function lookingFor(
  shop: Shop | undefined,
  {
    workspace = shop?.settings.workspaces[0],
    ...rest
  }: Pick<Looking, 'scratch' | 'key' | 'purpose'> & { workspace?: WorkspaceSettings | undefined },
): Promise<Looking> {
  return {
    publicKey: shop?.signer.publicKey ?? '',
    schemaMap: await mapOf(workspace),
    live: shop?.settings.workspaces.map(({ source }) => source.database) ?? [],
    databaseKeys: shop === undefined ? [] : allDatabaseKeys(shop.secrets),
    ...rest,
  }
}

/** A map that is not there any more keeps nobody from a file: it is looked into without. */
async function mapOf(workspace: WorkspaceSettings | undefined): Promise<SchemaMap | undefined> {
  return workspace?.schemaMap === undefined ? undefined : readSchemaMap(workspace.schemaMap).catch(() => undefined)
}
