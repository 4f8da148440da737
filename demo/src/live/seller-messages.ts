import type { SellerOptions } from './seller-options.ts'
import type { SellerStatistics } from './seller-statistics.ts'

/** What a seller is told. Each is answered once, in order. */
export type SellerRequest =
  | { readonly kind: 'start'; readonly options: SellerOptions }
  | { readonly kind: 'report' }
  | { readonly kind: 'measure-afresh' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'close-day' }
  | { readonly kind: 'stop' }

export type SellerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly statistics: SellerStatistics }
  | { readonly kind: 'failed'; readonly message: string }
