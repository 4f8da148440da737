import type { RestorePlan, RestoreStep } from '@tillsafe/engine/model'
import { shortId, wordCount, wordSize } from './wording.ts'

/** A restore plan as a person reads it: the steps in order, then what to know before agreeing. */
export function wordPlan(plan: RestorePlan): string {
  const origin = plan.from.kind === 'file' ? plan.from.file : `the backup ${shortId(plan.from.id)}`
  return [
    `Restore ${origin} into the workspace ${plan.workspace}:`,
    ...plan.steps.map((step, index) => `  ${index + 1}. ${wordStep(step)}`),
    ...plan.warnings.map(({ message }) => `  ! ${message}`),
  ].join('\n')
}

function wordStep(step: RestoreStep): string {
  switch (step.kind) {
    case 'stop-till':
      return `Stop the till: ${step.command.join(' ')}`
    case 'take-safety-backup':
      return `Save the current state of ${step.database} as a safety backup`
    case 'stage':
      return `Write the backup (${wordSize(step.bytes)}) beside the live data, and check it there`
    case 'replace-database':
      return step.keeps === 'previous'
        ? `Replace ${step.database} in one step; what is there now is kept until the next backup`
        : `Put the database at ${step.database}`
    case 'replace-images':
      return `Bring back ${wordCount(step.count)} images in ${step.folder}`
    case 'start-till':
      return `Start the till: ${step.command.join(' ')}`
    default:
      return step satisfies never
  }
}
