export interface GrowOptions {
  readonly seed?: number
  readonly databaseKey?: string
  readonly onProgress?: (progress: { readonly bytes: number; readonly of: number }) => void
  readonly signal?: AbortSignal
}
