import type { BackupCenter, RestoreConsent, RestoreOutcome, Unlock } from '@tillsafe/engine'
import { type RestorePlan, type RestoreReason, TillsafeError, type WorkspaceSettings } from '@tillsafe/engine/model'
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
  /** Opens the file that is restored, when it is encrypted. */
  readonly key?: Unlock
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

/**
 * Shows restore plans, gets the consent to them, and does them one after the other; with `--plan` only shows them. Each
 * is done whole or not at all; when one fails, those before it are done and are said to be.
 */
export async function carryOut(
  plans: readonly RestorePlan[],
  options: ConsentOptions,
  center: BackupCenter,
  frame: Frame,
): Promise<Answer> {
  const words = plans.map(wordPlan).join('\n')
  const confirmation = wordsFor(plans)
  if (options.plan) {
    const document = plans.length === 1 ? { plan: plans[0] } : { plans, confirmation }
    return { document, words: `${words}\nTo do it: --confirm "${confirmation}"` }
  }
  const { confirm, reason } = await consentTo(words, confirmation, options, frame)
  const [only, ...others] = plans
  if (only !== undefined && others.length === 0) {
    return doOne(only, { confirm, reason, ...keyOf(options) }, center, frame)
  }
  if (confirm !== confirmation) {
    const message = `to replace the data of ${plans.length} workspaces, type ${confirmation}`
    throw new TillsafeError('confirmation.needed', message, { confirm: confirmation })
  }
  return doAll(plans, { reason, ...keyOf(options) }, center, frame)
}

/** The person has agreed to all of them with the longest of their words. */
async function doAll(
  plans: readonly RestorePlan[],
  consent: Omit<RestoreConsent, 'confirm'>,
  center: BackupCenter,
  frame: Frame,
): Promise<Answer> {
  const done: Answer[] = []
  for (const plan of plans) {
    try {
      done.push(await doOne(plan, { ...consent, confirm: plan.confirmation }, center, frame))
    } catch (error) {
      frame.voice.tell([...done.map(({ words }) => words), `${plan.workspace} is not restored.`].join('\n'))
      throw error
    }
  }
  return {
    document: { workspaces: done.map(({ document }) => document) },
    words: done.map(({ words }) => words).join('\n'),
  }
}

async function doOne(plan: RestorePlan, consent: RestoreConsent, center: BackupCenter, frame: Frame): Promise<Answer> {
  const outcome = await frame.follow(center.restore(plan, consent))
  return describe(outcome, consent.reason, center.shop.workspace(plan.workspace))
}

/** The words that cover every plan: the longest are asked for. */
function wordsFor(plans: readonly RestorePlan[]): string {
  return plans.map(({ confirmation = '' }) => confirmation).reduce((a, b) => (b.length > a.length ? b : a), '')
}

function keyOf({ key }: ConsentOptions): { key?: Unlock } {
  return key === undefined ? {} : { key }
}

async function consentTo(
  words: string,
  confirmation: string,
  { confirm, reason }: ConsentOptions,
  frame: Frame,
): Promise<{ confirm: string | undefined; reason: RestoreReason }> {
  if (confirm !== undefined || !frame.canAsk) {
    return { confirm, reason: reason ?? 'unstated' }
  }
  frame.voice.tell(words)
  using person = new Conversation(frame.settings)
  return {
    reason: reason ?? (await askReason(person, frame)),
    confirm: await person.ask(`To go on, type ${confirmation}: `),
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
