/** A part of the page, from the top to the bottom. */
export type KitBlock =
  /** Whose kit it is, and when it was made. */
  | { readonly kind: 'title'; readonly above: string; readonly text: string }
  /** The recovery key, large, and its QR code. */
  | { readonly kind: 'key'; readonly key: string; readonly beside: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  /** A place of backups: its name, its path, and what lies there. */
  | { readonly kind: 'place'; readonly name: string; readonly path: string; readonly holds: string }
  /** A line to type. */
  | { readonly kind: 'command'; readonly text: string }
