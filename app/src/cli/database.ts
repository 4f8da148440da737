import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { wordNumber, wordSize } from './wording.ts'

/** `tillsafe database`: checks the live database, and tidies it up. */
export function addDatabaseCommand(program: Command, run: RunCommand): void {
  const database = program.command('database').description('Check the live database, or tidy it up')
  database
    .command('check')
    .description('Let the database engine check a fresh copy of the live database; sales go on meanwhile')
    .addHelpText('after', examples('tillsafe database check', 'tillsafe database check --workspace bakery --json'))
    .action(run(check))
  database
    .command('optimize')
    .description('Tidy the live database up, and rewrite it when a fifth of it is free; the till must be closed')
    .addHelpText('after', examples('tillsafe database optimize', 'tillsafe database optimize --json'))
    .action(run(optimize))
}

function check(frame: Frame): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const result = await frame.follow(center.checkDatabase(frame.workspace))
    const { ok, faults, fingerprint } = result
    return {
      document: result,
      words: ok
        ? `The database is sound: ${wordNumber(fingerprint.tables.length, 'table')}, no faults.`
        : ['The database is DAMAGED:', ...faults.map((fault) => `  ${fault}`)].join('\n'),
      ...(ok ? {} : { exitCode: 4 as const }),
    }
  })
}

function optimize(frame: Frame): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const result = await frame.follow(center.optimizeDatabase(frame.workspace))
    const { bytesBefore, bytesAfter, vacuumed } = result
    return {
      document: result,
      words: vacuumed
        ? `The database was rewritten: ${wordSize(bytesBefore)} before, ${wordSize(bytesAfter)} now.`
        : `The database is tidy: ${wordSize(bytesAfter)}. There was too little free space in it to be worth rewriting it.`,
    }
  })
}
