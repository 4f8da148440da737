// The package's own types are hidden under nodenext; its interface is that of better-sqlite3.
declare module 'better-sqlite3-multiple-ciphers' {
  import BetterSqlite3 from 'better-sqlite3'

  export = BetterSqlite3
}
