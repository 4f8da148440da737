import type { BackupCenter, RestoreOutcome } from '@tillsafe/engine'
import type { RestorePlan, RestoreReason, WorkspaceSettings } from '@tillsafe/engine/model'
import { Option } from 'commander'
import { Conversation } from './conversation.ts'
import type { Frame } from './frame.ts'
import type { Answer } from './voice.ts'
import { wordPlan } from './word-plan.ts'
import { shortId, wordCount } from './wording.ts'

/** How a person agrees to a plan on the command line. */
export interface ConsentOptions {
  readonly confirm?: string
  readonly reason?: RestoreReason
  readonly plan?: boolean
}

const REASONS: Record<RestoreReason, string> = {
  'machine-changed': 'the machine or the disk was changed',
  mistake: 'a mistake has to be taken back',
  consultation: 'to look something up',
  'client-file': "to work with a client's file",
  unstated: 'not stated',
}

export const confirmOption: Option = new Option('--confirm <words>', 'the words that the plan asks for')
export const reasonOption: Option = new Option('--reason <reason>', 'why: it is recorded').choices(Object.keys(REASONS))
export const planOption: Option = new Option('--plan', 'only say what would be done')

/** Shows a restore plan, gets the consent to it, and does it; with `--plan` only shows it. */
export async function carryOut(
  plan: RestorePlan,
  options: ConsentOptions,
  center: BackupCenter,
  frame: Frame,
): Promise<Answer> {
  if (options.plan) {
    return { document: { plan }, words: `${wordPlan(plan)}\nTo do it: --confirm "${plan.confirmation}"` }
  }
  const consent = await consentTo(plan, options, frame)
  const outcome = await frame.follow(center.restore(plan, consent))
  return describe(outcome, consent.reason, center.shop.workspace(plan.workspace))
}

async function consentTo(
  plan: RestorePlan,
  { confirm, reason }: ConsentOptions,
  frame: Frame,
): Promise<{ confirm: string | undefined; reason: RestoreReason }> {
  if (confirm !== undefined || !frame.canAsk) {
    return { confirm, reason: reason ?? 'unstated' }
  }
  frame.voice.tell(wordPlan(plan))
  using person = new Conversation(frame.settings)
  return {
    reason: reason ?? (await askReason(person, frame)),
    confirm: await person.ask(`To go on, type ${plan.confirmation}: `),
  }
}

async function askReason(person: Conversation, frame: Frame): Promise<RestoreReason> {
  const reasons = Object.keys(REASONS) as RestoreReason[]
  frame.voice.tell('Why is it restored?')
  reasons.forEach((reason, index) => {
    frame.voice.tell(`  ${index + 1}  ${REASONS[reason]}`)
  })
  const answer = await person.ask(`1 to ${reasons.length}: `)
  return reasons[Number(answer) - 1] ?? 'unstated'
}

function describe(outcome: RestoreOutcome, reason: RestoreReason, { till }: WorkspaceSettings): Answer {
  const { restore, backup, facts, safetyBackup } = outcome
  return {
    document: {
      restored: { id: backup, sections: facts.sections, bytes: facts.database.bytes },
      safetyBackup: safetyBackup === undefined ? null : { id: safetyBackup.label.id },
      restore,
      reason,
    },
    words: [
      `${shortId(backup)} is restored.`,
      ...facts.sections.map(({ name, rows }) => `  ${name}: ${wordCount(rows)} rows`),
      safetyBackup === undefined
        ? 'There was nothing that could be saved before.'
        : `What was there before is the safety backup ${shortId(safetyBackup.label.id)}; to take this back: tillsafe undo`,
      ...(till?.start ? [] : ['Restart the till.']),
    ].join('\n'),
  }
}
