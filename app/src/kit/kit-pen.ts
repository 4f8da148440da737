/** What a block of the kit is drawn with: a document, and how large. */
export interface KitPen {
  readonly document: PDFKit.PDFDocument
  /** Of all sizes: 1 is the size for a calm page. */
  readonly scale: number
}

/** The scales for a page that is read at arm's length, the largest first: text is 11.6 to 9.5 points high. */
export const CALM_SCALES = [1.1, 1.05, 1, 0.95, 0.9] as const

/** For a page that is full: text is 8.4 points high at the last. */
export const SMALL_SCALES = [0.85, 0.8] as const

/** Every reader of PDF has these: nothing is embedded. */
export const FONTS = { text: 'Helvetica', bold: 'Helvetica-Bold', typed: 'Courier-Bold' } as const

/** Where the text stands on A4 (595 × 842 points). */
export const MARGIN = { left: 54, top: 40, width: 487, bottom: 802 } as const
