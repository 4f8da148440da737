import type { SellerAnswer, SellerRequest } from './seller-messages.ts'
import type { SellerOptions } from './seller-options.ts'
import { Selling } from './selling.ts'

/** The seller's own process: it takes requests from its parent, and ends with it. */
let selling: Selling | undefined

process.on('message', (request: SellerRequest) => {
  try {
    take(request)
  } catch (error) {
    fail(error)
  }
})
process.on('disconnect', () => process.exit(0))

function take(request: SellerRequest): void {
  if (request.kind === 'start') start(request.options)
  else if (selling === undefined) throw new Error('the seller has not been started')
  else obey(selling, request)
}

function start(options: SellerOptions): void {
  const started = new Selling(options)
  selling = started
  answer({ kind: 'ready' })
  started.run().then(() => finish(started), fail)
}

/** A stop is answered when the selling has ended; everything else at once, with the figures before it. */
function obey(seller: Selling, request: Exclude<SellerRequest, { kind: 'start' }>): void {
  const before = seller.statistics()
  switch (request.kind) {
    case 'report':
      break
    case 'measure-afresh':
      seller.measureAfresh()
      break
    case 'pause':
      seller.isPaused = true
      break
    case 'resume':
      seller.isPaused = false
      break
    case 'close-day':
      seller.closeDay()
      break
    case 'stop':
      seller.stop()
      return
    default:
      request satisfies never
  }
  answer({ kind: 'done', statistics: before })
}

/** Closed first, then answered: whoever hears it finds the database at rest. */
function finish(finished: Selling): void {
  const statistics = finished.statistics()
  finished[Symbol.dispose]()
  answer({ kind: 'done', statistics }, () => process.exit(0))
}

function fail(error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  answer({ kind: 'failed', message }, () => process.exit(1))
}

function answer(message: SellerAnswer, sent: () => void = () => undefined): void {
  process.send?.(message, undefined, {}, sent)
}
