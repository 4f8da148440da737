import type { StoreKind } from '@tillsafe/engine/model'

/** Where the commands shall work: for one workspace, in one kind of shell. */
interface StockCase {
  readonly workspace: string
  /** Whether the database is encrypted (SQLCipher). */
  readonly isEncrypted: boolean
  readonly shell: 'posix' | 'powershell'
}

/** How backups are brought back with programs that we have not written. */
export interface StockWay {
  /** What the store is called on paper. */
  readonly name: string
  /** What it needs and how it goes, in a sentence or two. */
  readonly words: string
  /** What to say besides when there are product images, with a blank before it. */
  readonly images: string
  /** The lines to type in the folder of the destination. */
  commands(about: StockCase): readonly string[]
}

/** One way for each store. */
export const STOCK_WAYS: Readonly<Record<StoreKind, StockWay>> = {
  vault: {
    name: 'vault',
    words:
      'with restic (restic.net). The password is the recovery key, as printed above. The database comes back as database/database.db.',
    images: '',
    commands: ({ workspace }) => [
      `restic -r ${workspace}/Vault snapshots`,
      `restic -r ${workspace}/Vault restore latest -t "$HOME/restored"`,
    ],
  },
  copies: {
    name: 'plain copies',
    words: 'each .db file is a whole database; take the newest by the date in its name.',
    images: ' The images lie in Images: see docs/format/copies.md of Tillsafe.',
    commands: ({ workspace, isEncrypted }) => [
      `ls ${workspace}/*/*.db`,
      'cp "THE-FILE" "$HOME/restored.db"',
      ...(isEncrypted ? [] : ['sqlite3 "$HOME/restored.db" "PRAGMA integrity_check"']),
    ],
  },
  archive: {
    name: 'ZIP archives',
    words: 'each holds database and images; take the newest by the date in its name.',
    images: '',
    commands: ({ workspace, shell }) => [`ls ${workspace}/*/*.zip`, UNZIP[shell]],
  },
}

const UNZIP = {
  posix: 'unzip "THE-FILE" -d "$HOME/unzipped"',
  powershell: 'Expand-Archive "THE-FILE" "$HOME/unzipped"',
} as const
