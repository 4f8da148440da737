/** What an exit code tells the program that called us; see `tillsafe --help`. */
export type ExitCode = 1 | 2 | 3 | 4

/** What is known of every failure with one code: how a program sees it, and what a person does next. */
export interface ErrorEntry {
  readonly exitCode: ExitCode
  readonly hint: string
}

const failed = (hint: string): ErrorEntry => ({ exitCode: 1, hint })
const wrongUse = (hint: string): ErrorEntry => ({ exitCode: 2, hint })
const refused = (hint: string): ErrorEntry => ({ exitCode: 3, hint })
const damaged = (hint: string): ErrorEntry => ({ exitCode: 4, hint })

/** Every way in which Tillsafe can say no. `docs/errors.md` explains each; a test compares the two. */
export const errorCodes = {
  'archive.damaged': damaged('Use another copy of this archive; nothing of this one was used.'),
  'archive.unsafe': refused('Do not use this file: no archive of Tillsafe looks like this. Nothing of it was written.'),
  'backup.ambiguous': wrongUse('Give more characters of the id; `tillsafe list` shows them.'),
  'backup.damaged': damaged(
    'Use another copy of this backup, or an older one; `tillsafe verify --all` shows which are whole.',
  ),
  'backup.label-damaged': damaged(
    'Use another copy of this backup; the label says what a backup holds and cannot be guessed.',
  ),
  'backup.label-newer': refused('Update Tillsafe on this machine, then try again.'),
  'backup.unknown': wrongUse('`tillsafe list` shows the backups that can be reached.'),
  'confirmation.needed': refused('Read what would change, then repeat with --confirm and the words asked for.'),
  'destination.denied': failed('Check the permissions of the folder, and that the disk is not write-protected.'),
  'destination.exists': refused(
    'Choose another name and another folder; `tillsafe destination list` shows those in use.',
  ),
  'destination.failed': failed(
    'Check the disk or the connection, then try again. Nothing that was already stored is changed.',
  ),
  'destination.full': failed(
    'Free some space there, or choose another destination. Nothing that was already stored is changed.',
  ),
  'destination.missing': failed('Plug the disk in, or correct the path of the destination.'),
  'destination.name-taken': failed('Try again: a stored object is never replaced.'),
  'destination.unknown': wrongUse('The settings in tillsafe.json name the destinations of this shop.'),
  'home.busy': failed('Wait until the other work has ended, then try again.'),
  'home.damaged': failed('Restore this file from a copy, or correct it by hand; nothing was changed.'),
  'home.exists': refused('Use another folder with --home, or work with the shop that is already there.'),
  'home.missing': wrongUse('Create a shop with `tillsafe init`, or point --home at the right folder.'),
  'identity.foreign': refused('Only backups of this shop can be restored here.'),
  internal: failed('This is a defect of Tillsafe. The log in the home folder has the details.'),
  'disk.failed': failed(
    'Check the disk that the message names: its cable, its rights, whether it is write-protected. Nothing stored is changed.',
  ),
  'file.over-limit': refused('Use another copy; a file that is what it says does not need this much time or memory.'),
  'job.cancelled': failed('Nothing was changed. Start again when it suits.'),
  'key.needed': refused('Give the passphrase with --passphrase-file, or the key with --key-file.'),
  'key.wrong': refused('Check the key or the passphrase; capital letters count. Nothing was changed.'),
  'object.missing': failed('The object was removed or the disk changed; `tillsafe list` shows what is there now.'),
  'recovery.missing': failed('Point at the folder that holds recovery.age: any destination of the shop has one.'),
  'restore.images-elsewhere': refused('Use --into to restore into another folder, then move the images by hand.'),
  'restore.target-exists': refused('Choose a path where nothing is yet; nothing is ever replaced there.'),
  'restore.unfinished': failed('Close the till, then run `tillsafe doctor`.'),
  'schema-map.invalid': wrongUse('Correct the schema map; docs/schema-map.md describes it.'),
  'settings.invalid': wrongUse('Correct tillsafe.json; the message names the place.'),
  'source.busy': failed('Try again at a quieter moment, or let the till use WAL mode (PRAGMA journal_mode=WAL).'),
  'source.changed': refused('Close the till everywhere, then try again. Nothing was replaced.'),
  'source.damaged': damaged(
    'Copy the file aside before anything else. If it is the till’s database, restore the last good backup: it is untouched.',
  ),
  'source.denied': failed('Give the user who runs Tillsafe the right to read the database and its folder.'),
  'source.key-needed': refused('Give the key of the database with --database-key-file.'),
  'source.key-wrong': refused('Give the key that the till opens its database with: --database-key-file.'),
  'source.locked': failed('Another program holds the database locked; close it or wait, then try again.'),
  'source.missing': failed('Check the path of the database. If the file is lost, restore the last backup.'),
  'source.needs-till': refused(
    'Let the till do this itself: the database uses a part of its program that is not here.',
  ),
  'source.not-a-database': damaged('Check the path. An encrypted database looks like this without its key.'),
  'source.not-encrypted': refused(
    'Find out who decrypted the database. If that is wanted, take the encryption out of its settings.',
  ),
  'source.open': refused('Close the till on every machine that uses this database, then try again.'),
  'source.unreadable': failed(
    'Check the disk and its cable, then try again. If it stays so, move the database file aside and restore the last backup.',
  ),
  'source.wal-without-database': damaged(
    'Put the database file back beside its -wal file, or restore the last backup.',
  ),
  'space.short': failed('Free the space named in the message, then try again. Nothing was changed.'),
  'till.command-failed': failed('Run the command by hand to see why it fails, then try again.'),
  'undo.nothing': refused('There is no restore to take back.'),
  'usage.invalid': wrongUse('`tillsafe --help` shows the commands, `tillsafe COMMAND --help` shows one.'),
  'vault.damaged': damaged(
    '`tillsafe vault check` shows what is hurt; `tillsafe vault repair` saves what can be saved.',
  ),
  'vault.lock-lost': failed('Start again. Nothing that was stored is changed; what was begun is used by the next try.'),
  'vault.locked': refused('Wait until the work named in the message has ended, then try again.'),
  'vault.missing': failed('Check the path of the destination; the first backup into a destination makes its vault.'),
  'vault.newer': refused('Update Tillsafe on this machine, then try again.'),
  'vault.read-only': refused('Bring it to format 2 with `restic migrate upgrade_repo_v2`, then try again.'),
  'workspace.exists': refused('Choose another name for the workspace.'),
  'workspace.other': refused(
    'Name the workspace that the file belongs to with --workspace, or all of them with --all.',
  ),
  'workspace.unknown': wrongUse('`tillsafe workspace list` shows the workspaces of this shop.'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCodes
