import type { Facts, Heading, Label, SchemaMap } from '../../model/index.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { CipherKey } from '../../sources/sqlite/cipher-key.ts'
import type { Unlock } from '../../work/age/unseal.ts'

/** Whose a file is: signed by this shop, by another, or by nobody we know. */
export type BroughtIdentity =
  | { readonly kind: 'own' }
  | { readonly kind: 'foreign'; readonly shop: string }
  | { readonly kind: 'unknown' }

/**
 * A file that somebody brings: a database (perhaps with its label beside it), an archive of a workspace, or one of a
 * whole shop. The file itself is only read; what is opened is a copy, in a process behind walls.
 */
export interface Brought extends AsyncDisposable {
  readonly file: string
  /** `database-copy` has a label that somebody signed; `database` is a bare file. */
  readonly kind: 'database' | 'database-copy' | 'archive' | 'shop'
  readonly identity: BroughtIdentity
  /** Whether it is encrypted with age around all it holds. */
  readonly sealed: boolean
  /** Of the file as it lies there. */
  readonly bytes: number
  /** Names what was looked at: another file has another one. */
  readonly sha256: string
  readonly parts: readonly BroughtPart[]
}

/** One database with what belongs to it. */
export interface BroughtPart {
  /** Signed by the shop that `identity` tells. */
  readonly label: Label | undefined
  readonly facts: Facts
  /** Those that the file holds; a copy of a database holds none, whatever its label says of the backup it comes from. */
  readonly images: Label['images']
  /** What does not fit, as sentences. */
  readonly problems: readonly string[]
  /** As a snapshot, in the name of its label, or of `heading` when it has none. Lives as long as the file is open. */
  snapshot(heading: Heading): Snapshot
}

/** With what a brought file is looked into. */
export interface Looking {
  /** The shop's, to tell own from foreign; empty where there is no shop. */
  readonly publicKey: string
  readonly schemaMap: SchemaMap | undefined
  /** The live databases of the shop: they are not looked into this way. */
  readonly live: readonly string[]
  /** A folder on this machine for copies that pass. */
  readonly scratch: string
  /** They are tried on a database that is encrypted inside. */
  readonly databaseKeys: readonly CipherKey[]
  /** Opens what is sealed. */
  readonly key: Unlock | undefined
  /** `restore` has all its bytes at hand; `look` only what has to be seen. */
  readonly purpose: 'look' | 'restore'
}
