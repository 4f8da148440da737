import type { PruneFigures, RepairReport, VaultReport } from '@tillsafe/engine'
import { shortId, wordNumber, wordSize } from './wording.ts'

/** What a check of a vault has found. */
export function reportWords({ problems, notes, snapshots, packs, bytes, packsRead, bytesRead }: VaultReport): string {
  const seen = `${wordNumber(snapshots, 'backup')}, ${wordNumber(packs, 'pack')}, ${wordSize(bytes)}`
  const read = packsRead === 0 ? 'none of it read: --read everything does' : `${wordSize(bytesRead)} of it read`
  return [
    ...problems.map(({ file, problem, hurts }) =>
      [`DAMAGED  ${file}: ${problem}`, ...hurts.map(hurtWords)].join('\n  '),
    ),
    ...notes.map((note) => `Note: ${note}`),
    problems.length === 0 ? `The vault is whole: ${seen}; ${read}.` : `The vault is DAMAGED: ${seen}; ${read}.`,
    ...(problems.length === 0 ? [] : ['To save what can be saved: tillsafe vault repair']),
  ].join('\n')
}

function hurtWords(hurt: VaultReport['problems'][number]['hurts'][number]): string {
  return hurt.kind === 'backup'
    ? `hurts backup ${shortId(hurt.id)} of ${hurt.takenAt}`
    : `hurts ${hurt.name}${hurt.takenAt === undefined ? '' : ` of ${hurt.takenAt}`}`
}

/** What a prune has removed, or would. */
export function pruneWords({ packs, blobs, bytes }: PruneFigures): string {
  return `${wordNumber(blobs.removed, 'blob')}, ${wordNumber(packs.removed, 'pack')}, ${wordSize(bytes.removed)} of ${wordSize(bytes.before)}; ${wordNumber(packs.repacked, 'pack')} written anew.`
}

/** What a repair has saved, and what is lost. */
export function repairWords({ isIndexNew, packs, damagedPacks, lost, forgotten }: RepairReport): string {
  return [
    `${wordNumber(packs, 'pack')}; the index ${isIndexNew ? 'was made anew' : 'was right'}.`,
    ...damagedPacks.map(
      ({ id, why, saved, lost: gone }) =>
        `Pack ${shortId(id)} was damaged (${why}): ${wordNumber(saved, 'blob')} saved, ${gone} lost.`,
    ),
    ...lost.map(
      ({ backup, count, first }) => `LOST  ${hurtWords(backup)}: ${wordNumber(count, 'file')} (${first.join(', ')})`,
    ),
    ...(forgotten.length === 0
      ? []
      : [`${wordNumber(forgotten.length, 'backup')} that could not be opened at all removed.`]),
    lost.length === 0
      ? 'Every backup is whole.'
      : 'The other backups are whole. The next backup stores what it needs again.',
  ].join('\n')
}
