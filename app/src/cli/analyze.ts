import { resolve } from 'node:path'
import { type Analysis, type AnalyzedPart, analyzeFile, Shop, systemClock } from '@tillsafe/engine'
import { printable, TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import { addUnlockOptions, type UnlockOptions, withUnlock } from './unlock-options.ts'
import type { Answer } from './voice.ts'
import { Wording, wordNumber, wordSize, wordTable } from './wording.ts'

/** `tillsafe analyze`: what a file is and whose, before anything is done with it. */
export function addAnalyzeCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('analyze')
    .argument('<file>', 'a database file, with the label beside it if there is one, or an archive')
    .description('Look into a database file or an archive; nothing is changed')
  addUnlockOptions(command)
    .addHelpText(
      'after',
      examples(
        'tillsafe analyze ./pos.db',
        'tillsafe analyze /mnt/usb/shop.zip --json',
        'tillsafe analyze shop.zip.age --passphrase-file passphrase.txt',
      ),
    )
    .action(run(analyze))
}

async function analyze(frame: Frame, file: string, options: UnlockOptions): Promise<Answer> {
  const path = resolve(file)
  const shop = await shopIfAny(frame.home)
  const analysis = await withUnlock(frame, options, (key) => frame.watch((job) => analyzeFile(path, shop, job, key)))
  const [first, ...others] = analysis.workspaces
  const { timeZone } = shop?.settings.shop ?? frame.settings
  return {
    document: {
      ...analysis,
      shop: analysis.shop ?? null,
      takenAt: analysis.takenAt ?? null,
      ...(others.length === 0 && { tables: first?.tables, counters: first?.counters, label: first?.label }),
    },
    words: wordsOf(path, analysis, new Wording(timeZone, systemClock.now())),
    ...(analysis.problems.length > 0 && { exitCode: 4 as const }),
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

const KIND: Record<Analysis['kind'], string> = {
  database: 'a database',
  'database-copy': 'a copy of a database',
  archive: 'a complete archive of a workspace',
  shop: 'a complete archive of a whole shop',
}

function wordsOf(file: string, analysis: Analysis, wording: Wording): string {
  const { kind, identity, shop, sealed, bytes, sha256, workspaces, problems } = analysis
  return [
    wordTable([
      ['File', file],
      ['Kind', `${KIND[kind]}${sealed ? ', encrypted' : ''}`],
      ['Origin', `${IDENTITY[identity]}${shop === undefined ? '' : `: ${shop}`}`],
      ['Size', wordSize(bytes)],
      ['SHA-256', sha256],
    ]),
    ...workspaces.flatMap((part) => partLines(part, wording)),
    ...(problems.length === 0 ? ['No problems were found.'] : problems.map((problem) => `Problem: ${problem}`)),
  ].join('\n')
}

function partLines({ workspace, takenAt, sections, tables, images }: AnalyzedPart, wording: Wording): string[] {
  const parts = sections.length > 0 ? sections : tables
  const taken = takenAt === undefined ? '' : `, taken ${wording.time(takenAt)}`
  return [
    ...(workspace === undefined ? [] : [`Workspace ${workspace.id}${taken}`]),
    ...parts.map(
      ({ name, rows }) => `  ${printable(name)}: ${rows === null ? 'rows cannot be counted' : wordNumber(rows, 'row')}`,
    ),
    ...(images === 0 ? [] : [`  ${wordNumber(images, 'image')}`]),
  ]
}
