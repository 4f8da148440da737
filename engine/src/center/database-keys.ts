import type { DatabaseKey, EncryptionSettings, Secrets, WorkspaceSettings } from '../model/index.ts'
import type { CipherKey } from '../sources/sqlite/cipher-key.ts'

/** A key that somebody gives for a database, and the format in which it was found to open it. */
export interface NewDatabaseKey extends DatabaseKey {
  readonly format: 3 | 4
}

/** What the settings of a workspace say of its encryption: the key has the workspace's name. */
export function encryptionWith({ format }: NewDatabaseKey, workspace: WorkspaceSettings['id']): EncryptionSettings {
  return { cipher: 'sqlcipher', format, key: workspace }
}

/** The secrets with a key that opens a database from now on; the earlier ones stay, for the backups of their time. */
export function withDatabaseKey(secrets: Secrets, name: string, { key, since }: DatabaseKey): Secrets {
  const earlier = historyOf(secrets, name).filter((known) => known.key !== key)
  return { ...secrets, databaseKeys: { ...secrets.databaseKeys, [name]: [{ key, since }, ...earlier] } }
}

/**
 * The keys of a workspace's database and backups, the newest first. One that is no longer encrypted keeps those of its older
 * backups.
 */
export function databaseKeysOf(secrets: Secrets, { id, source }: WorkspaceSettings): readonly CipherKey[] {
  return historyOf(secrets, source.encryption?.key ?? id).map(({ key }) => ({ key }))
}

/** Those of all workspaces: for a file of which nobody knows yet where it belongs. */
export function allDatabaseKeys({ databaseKeys }: Secrets): readonly CipherKey[] {
  const all = Object.values(databaseKeys).flatMap((history) => history.map(({ key }) => key))
  return [...new Set(all)].map((key) => ({ key }))
}

/** Whether a backup of that moment was encrypted with an earlier key than the one that opens the database now. */
export function needsEarlierKey(secrets: Secrets, { id, source }: WorkspaceSettings, takenAt: string): boolean {
  const [current, ...earlier] = historyOf(secrets, source.encryption?.key ?? id)
  return current !== undefined && earlier.length > 0 && Date.parse(takenAt) < Date.parse(current.since)
}

function historyOf({ databaseKeys }: Secrets, name: string): readonly DatabaseKey[] {
  return Object.hasOwn(databaseKeys, name) ? (databaseKeys[name] ?? []) : []
}
