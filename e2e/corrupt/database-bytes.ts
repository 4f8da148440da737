import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** A database as bytes: its file, and the `-wal` file beside it when it has one. */
export interface DatabaseBytes {
  readonly main: Buffer
  readonly wal?: Buffer
}

export function readDatabase(file: string): DatabaseBytes {
  const main = readFileSync(file)
  return existsSync(`${file}-wal`) ? { main, wal: readFileSync(`${file}-wal`) } : { main }
}

/** In the place of whatever stood there, with its companions. */
export function writeDatabase(file: string, { main, wal }: DatabaseBytes): void {
  for (const ending of ['-wal', '-shm', '-journal']) {
    rmSync(`${file}${ending}`, { force: true })
  }
  writeFileSync(file, main)
  if (wal !== undefined) {
    writeFileSync(`${file}-wal`, wal)
  }
}

export function isSameDatabase(one: DatabaseBytes, other: DatabaseBytes): boolean {
  return one.main.equals(other.main) && (one.wal ?? Buffer.alloc(0)).equals(other.wal ?? Buffer.alloc(0))
}
