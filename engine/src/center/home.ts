import { join } from 'node:path'

/** The folder where a shop's Tillsafe keeps what it decided, what it remembers, and what is on its way. */
export class Home {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get settings(): string {
    return join(this.path, 'tillsafe.json')
  }

  get identity(): string {
    return join(this.path, 'identity.json')
  }

  /** There while the home of a new shop is being made: what stands beside it is of no use yet. */
  get creating(): string {
    return join(this.path, 'creating')
  }

  /** What nobody else may read: keys of databases, the recovery key. */
  get secrets(): string {
    return join(this.path, 'secrets.json')
  }

  get state(): string {
    return join(this.path, 'state.db')
  }

  get lock(): string {
    return join(this.path, 'lock.db')
  }

  /** Who holds the lock, for the message of those who don't. */
  get lockHolder(): string {
    return join(this.path, 'lock.json')
  }

  /** Copies on their way; emptied at each start. */
  get scratch(): string {
    return join(this.path, 'scratch')
  }

  /** What makes the next backup into a vault quick: page maps, and what the last reading found; lost, it is made again. */
  get vaultHints(): string {
    return join(this.path, 'vault')
  }

  /** One note for each export that is being written, saying where its draft lies. */
  get drafts(): string {
    return join(this.path, 'drafts')
  }

  /** One file for each restore that is under way, or whose previous state is still kept. */
  get restores(): string {
    return join(this.path, 'restores')
  }

  /** The destination that `init` makes unless told otherwise. */
  get backups(): string {
    return join(this.path, 'backups')
  }
}
