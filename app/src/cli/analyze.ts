import { resolve } from 'node:path'
import { type Analysis, analyzeFile, Shop, systemClock } from '@tillsafe/engine'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { Wording, wordNumber, wordSize, wordTable } from './wording.ts'

/** `tillsafe analyze`: what a file is and whose, before anything is done with it. */
export function addAnalyzeCommand(program: Command, run: RunCommand): void {
  program
    .command('analyze')
    .argument('<file>', 'a database file, with the label beside it if there is one')
    .description('Look into a database file; nothing is changed')
    .addHelpText('after', examples('tillsafe analyze ./pos.db', 'tillsafe analyze /mnt/usb/old-till.db --json'))
    .action(run(analyze))
}

async function analyze(frame: Frame, file: string): Promise<Answer> {
  const path = resolve(file)
  const shop = await shopIfAny(frame.home)
  const analysis = await frame.watch((job) => analyzeFile(path, shop, job))
  return {
    document: { ...analysis, shop: analysis.shop ?? null, takenAt: analysis.takenAt ?? null },
    words: wordsOf(path, analysis, new Wording(frame.settings.timeZone, systemClock.now())),
    ...(analysis.problems.length > 0 ? { exitCode: 4 as const } : {}),
  }
}

/** A file can be looked into where there is no shop, too. */
async function shopIfAny(home: string): Promise<Shop | undefined> {
  try {
    return await Shop.open(home)
  } catch (error) {
    if (error instanceof TillsafeError && error.code === 'home.missing') {
      return undefined
    }
    throw error
  }
}

const IDENTITY: Record<Analysis['identity'], string> = {
  own: 'signed by this shop',
  foreign: 'signed by another shop',
  unknown: 'without a label that can be trusted',
}

function wordsOf(
  file: string,
  { identity, shop, takenAt, bytes, sha256, sections, tables, problems }: Analysis,
  wording: Wording,
): string {
  const parts = sections.length > 0 ? sections : tables
  return [
    wordTable([
      ['File', file],
      ['Origin', `${IDENTITY[identity]}${shop === undefined ? '' : `: ${shop}`}`],
      ...(takenAt === undefined ? [] : [['Taken', wording.time(takenAt)]]),
      ['Size', wordSize(bytes)],
      ['SHA-256', sha256],
    ]),
    ...parts.map(
      ({ name, rows }) => `  ${name}: ${rows === null ? 'rows cannot be counted' : wordNumber(rows, 'row')}`,
    ),
    ...(problems.length === 0 ? ['No problems were found.'] : problems.map((problem) => `Problem: ${problem}`)),
  ].join('\n')
}
