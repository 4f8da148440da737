/** A text from a stranger, without the characters that steer a terminal or turn text around, and not too long. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200)
}
