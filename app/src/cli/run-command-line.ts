import { failureOf, TillsafeError } from '@tillsafe/engine/model'
import { Command, CommanderError } from 'commander'
import type { Settings } from '../settings.ts'
import { addAdoptCommand } from './adopt.ts'
import { addAnalyzeCommand } from './analyze.ts'
import { addBackupCommand } from './backup.ts'
import { addDatabaseCommand } from './database.ts'
import { addDemoCommand } from './demo.ts'
import { addDestinationCommand } from './destination.ts'
import { addDoctorCommand } from './doctor.ts'
import { addExportCommand } from './export.ts'
import { addInitCommand } from './init.ts'
import { addKitCommand } from './kit.ts'
import { addListCommand } from './list.ts'
import { addRecoveryCommand } from './recovery.ts'
import { addRestoreCommand } from './restore.ts'
import { commandRunner } from './run-command.ts'
import { addShowCommand } from './show.ts'
import { addUndoCommand } from './undo.ts'
import { addVaultCommand } from './vault.ts'
import { addVerifyCommand } from './verify.ts'
import { Voice } from './voice.ts'
import { addWorkspaceCommand } from './workspace.ts'

const COMMANDS = [
  addInitCommand,
  addAdoptCommand,
  addRecoveryCommand,
  addKitCommand,
  addDemoCommand,
  addWorkspaceCommand,
  addDestinationCommand,
  addBackupCommand,
  addListCommand,
  addShowCommand,
  addVerifyCommand,
  addAnalyzeCommand,
  addRestoreCommand,
  addUndoCommand,
  addExportCommand,
  addDatabaseCommand,
  addVaultCommand,
  addDoctorCommand,
]

/** Runs the command that the arguments name. Returns the exit code. */
export async function runCommandLine(settings: Settings): Promise<number> {
  let exitCode = 0
  const json = settings.args.includes('--json')
  const program = commandLine(settings)
  const run = commandRunner(settings, (code) => {
    exitCode = code
  })
  for (const add of COMMANDS) {
    add(program, run)
  }
  try {
    await program.parseAsync(settings.args, { from: 'user' })
    return exitCode
  } catch (error) {
    return wrongUse(error, new Voice(settings, { json, quiet: false }))
  }
}

function commandLine(settings: Settings): Command {
  return new Command('tillsafe')
    .description('The backup center of a shop: takes backups, proves that they restore, brings them back.')
    .version(settings.version)
    .option('--home <folder>', "the shop's home folder (default: TILLSAFE_HOME, else the platform's data folder)")
    .option('--workspace <name>', 'the workspace, by id or name (default: the first one)')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'no progress')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => settings.output.write(text),
      writeErr: (text) => settings.errorOutput.write(text),
      outputError: () => undefined, // said by `wrongUse`
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong use, 3 refused, 4 damaged data found.')
    .exitOverride()
}

/** Commander throws for wrong use, and after `--help` and `--version` too. */
function wrongUse(error: unknown, voice: Voice): number {
  if (!(error instanceof CommanderError)) {
    return voice.fail(failureOf(error))
  }
  if (error.exitCode === 0) {
    return 0
  }
  const message = error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '')
  return voice.fail(failureOf(new TillsafeError('usage.invalid', message, { cause: error })))
}
