/** The driver ships its types where `nodenext` does not look; they are those of better-sqlite3. */
declare module 'better-sqlite3-multiple-ciphers' {
  import BetterSqlite3 from 'better-sqlite3'

  export = BetterSqlite3
}
