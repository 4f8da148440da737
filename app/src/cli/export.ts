import { resolve } from 'node:path'
import { type BackupCenter, type ExportRequest, exportPath, type Shop, systemClock } from '@tillsafe/engine'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { addLockOptions, type LockOptions, lockOf } from './lock-options.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { shortId, wordNumber, wordSize } from './wording.ts'

type ExportOptions = LockOptions & { readonly output: string }

/** `tillsafe export`: writes a file for people to keep or send. */
export function addExportCommand(program: Command, run: RunCommand): void {
  const command = program.command('export').description('Write a file for people to keep or send')
  addKind(
    command,
    'archive',
    'Write a complete archive of a workspace: one signed ZIP with database, images and settings',
    [
      'tillsafe export archive --output ./',
      'tillsafe export archive --output shop.zip.age --passphrase-file passphrase.txt',
    ],
  ).action(run(exportArchive))
  addKind(command, 'database', 'Write an exact copy of the database, with its signed label beside it', [
    'tillsafe export database --output ./pos-copy.db',
    'tillsafe export database --workspace bakery --output /mnt/usb/bakery.db --json',
  ]).action(run(exportDatabase))
  addKind(command, 'shop', 'Write the whole shop, with every workspace, into one signed ZIP', [
    'tillsafe export shop --output /mnt/usb/',
    'tillsafe export shop --output shop.zip.age --recipient age1…',
  ]).action(run(exportShop))
}

function addKind(command: Command, name: string, description: string, lines: readonly string[]): Command {
  const kind = command
    .command(name)
    .description(description)
    .requiredOption('--output <path>', 'the file to write, which must not exist yet, or a folder that is there')
  return addLockOptions(kind).addHelpText('after', examples(...lines))
}

function exportArchive(frame: Frame, options: ExportOptions): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const request = await requestOf(options, '.zip', center.shop)
    return describeArchive(await frame.follow(center.exportArchive(request, frame.workspace)), request)
  })
}

function exportShop(frame: Frame, options: ExportOptions): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const request = await requestOf(options, '.zip', center.shop)
    return describeArchive(await frame.follow(center.exportShop(request)), request)
  })
}

function exportDatabase(frame: Frame, options: ExportOptions): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const request = await requestOf(options, '.db', center.shop)
    const { file, labelFile, label } = await frame.follow(center.exportDatabase(request, frame.workspace))
    const { bytes, sha256 } = label.database
    return {
      document: { file, labelFile, takenAt: label.takenAt, bytes, sha256, sections: label.sections },
      words: [
        `Written and read back: ${file} (${wordSize(bytes)})`,
        `  Its label: ${labelFile}`,
        ...(request.lock === undefined ? [PLAIN] : []),
      ].join('\n'),
    }
  })
}

async function requestOf(options: ExportOptions, ending: '.zip' | '.db', shop: Shop): Promise<ExportRequest> {
  const lock = await lockOf(options)
  const output = await exportPath(resolve(options.output), ending, lock !== undefined, shop, systemClock.now())
  return { output, lock }
}

type Exported = Awaited<ReturnType<BackupCenter['exportShop']>['result']>

function describeArchive({ file, bytes, sha256, manifest, entries }: Exported, { lock }: ExportRequest): Answer {
  const backups = manifest.parts.map(({ label }) => ({
    id: label.id,
    workspace: label.workspace.id,
    takenAt: label.takenAt,
    sections: label.sections,
    images: label.images?.count ?? 0,
    problems: label.problems,
  }))
  return {
    document: { file, bytes, sha256, sealed: lock?.kind ?? null, entries, backups },
    words: [
      `Written, read back and opened: ${file} (${wordSize(bytes)})`,
      ...backups.map(
        ({ id, workspace, images }) => `  ${workspace}  ${shortId(id)}  with ${wordNumber(images, 'image')}`,
      ),
      ...backups.flatMap(({ problems }) => problems.map((problem) => `  ! ${problem}`)),
      ...(lock === undefined ? [PLAIN] : []),
    ].join('\n'),
  }
}

const PLAIN = 'Whoever has this file can read it; --passphrase-file or --recipient encrypts one.'
