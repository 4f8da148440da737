import type { Clock, Id, JobKind, JobRecord, JobStatus } from '../model/index.ts'
import { openSqlite, type Sqlite } from '../work/sqlite.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, workspace TEXT NOT NULL,
    started_at TEXT NOT NULL, ended_at TEXT, state TEXT NOT NULL, error TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS restores (
    id TEXT PRIMARY KEY, workspace TEXT NOT NULL, at TEXT NOT NULL, backup TEXT NOT NULL,
    safety_backup TEXT, reason TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS recoveries (
    destination TEXT PRIMARY KEY, digest TEXT NOT NULL, key TEXT NOT NULL, bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS kits (mark TEXT PRIMARY KEY, made_at TEXT, confirmed_at TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS sequences (workspace TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
`

const BUSY_MS = 5000

/** A restore that was done, as the history remembers it. */
export interface DoneRestore {
  readonly id: Id
  readonly workspace: string
  readonly at: string
  readonly backup: Id
  readonly safetyBackup: Id | undefined
  readonly reason: string
}

/** The recovery file that was last seen to be up to date in a destination. */
export interface KnownRecovery {
  readonly digest: string
  readonly key: string
  readonly bytes: number
}

/** What is known of the emergency kits with one recovery key: when the last was made, and retyped. */
export interface KnownKit {
  readonly madeAt?: string
  readonly confirmedAt?: string
}

/** The center's memory: a history and a cache, never the only place where a backup is described. */
export class StateDatabase implements Disposable {
  readonly connection: Sqlite

  constructor(file: string) {
    this.connection = openSqlite(file, 'create', BUSY_MS)
    this.connection.pragma('journal_mode = WAL')
    this.connection.pragma('synchronous = FULL')
    this.connection.exec(SCHEMA)
  }

  beginJob(id: Id, kind: JobKind, workspace: string, clock: Clock): void {
    this.connection
      .prepare(`INSERT INTO jobs (id, kind, workspace, started_at, state) VALUES (?, ?, ?, ?, 'running')`)
      .run(id, kind, workspace, clock.now())
  }

  endJob(id: Id, status: JobStatus, clock: Clock): void {
    const error = status.state === 'failed' ? JSON.stringify(status.error) : null
    this.connection
      .prepare('UPDATE jobs SET ended_at = ?, state = ?, error = ? WHERE id = ?')
      .run(clock.now(), status.state, error, id)
  }

  /** The newest jobs first. */
  jobs(limit: number): JobRecord[] {
    const rows = this.connection.prepare('SELECT * FROM jobs ORDER BY started_at DESC LIMIT ?').all(limit)
    return (rows as JobRow[]).map(jobOf)
  }

  addRestore(restore: DoneRestore): void {
    this.connection
      .prepare('INSERT OR REPLACE INTO restores VALUES (?, ?, ?, ?, ?, ?)')
      .run(restore.id, restore.workspace, restore.at, restore.backup, restore.safetyBackup ?? null, restore.reason)
  }

  /** The restore that `undo` takes back: the newest, or the one with this id. */
  findRestore(workspace: string, id?: string): DoneRestore | undefined {
    const rows = this.connection
      .prepare('SELECT * FROM restores WHERE workspace = ? ORDER BY at DESC, rowid DESC')
      .all(workspace) as (Omit<DoneRestore, 'safetyBackup'> & { safety_backup: string | null })[]
    const row = id === undefined ? rows[0] : rows.find((candidate) => candidate.id.startsWith(id))
    return row && { ...row, safetyBackup: row.safety_backup ?? undefined }
  }

  /** The next number of a workspace's backups, higher than any that was given or seen. */
  nextSequence(workspace: string, highestSeen: number): number {
    const last = this.connection.prepare('SELECT last FROM sequences WHERE workspace = ?').pluck().get(workspace)
    const next = Math.max(Number(last ?? 0), highestSeen) + 1
    this.connection.prepare('INSERT OR REPLACE INTO sequences VALUES (?, ?)').run(workspace, next)
    return next
  }

  recovery(destination: string): KnownRecovery | undefined {
    const row = this.connection
      .prepare('SELECT digest, key, bytes FROM recoveries WHERE destination = ?')
      .get(destination)
    return row as KnownRecovery | undefined
  }

  noteRecovery(destination: string, { digest, key, bytes }: KnownRecovery): void {
    this.connection
      .prepare('INSERT OR REPLACE INTO recoveries VALUES (?, ?, ?, ?)')
      .run(destination, digest, key, bytes)
  }

  /** The kits with the recovery key that has this mark; undefined when there was none. */
  kit(mark: string): KnownKit | undefined {
    const row = this.connection.prepare('SELECT made_at, confirmed_at FROM kits WHERE mark = ?').get(mark) as
      | { made_at: string | null; confirmed_at: string | null }
      | undefined
    return (
      row && {
        ...(row.made_at === null ? {} : { madeAt: row.made_at }),
        ...(row.confirmed_at === null ? {} : { confirmedAt: row.confirmed_at }),
      }
    )
  }

  noteKit(mark: string, event: 'made' | 'confirmed', at: string): void {
    const [made, confirmed] = event === 'made' ? [at, null] : [null, at]
    this.connection
      .prepare(
        `INSERT INTO kits VALUES (?, ?, ?) ON CONFLICT (mark) DO UPDATE SET
          made_at = coalesce(excluded.made_at, made_at), confirmed_at = coalesce(excluded.confirmed_at, confirmed_at)`,
      )
      .run(mark, made, confirmed)
  }

  [Symbol.dispose](): void {
    this.connection.close()
  }
}

interface JobRow {
  readonly id: string
  readonly kind: JobKind
  readonly workspace: string
  readonly started_at: string
  readonly ended_at: string | null
  readonly state: JobRecord['state']
  readonly error: string | null
}

function jobOf(row: JobRow): JobRecord {
  return {
    id: row.id,
    kind: row.kind,
    workspace: row.workspace,
    startedAt: row.started_at,
    state: row.state,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) }),
  }
}
