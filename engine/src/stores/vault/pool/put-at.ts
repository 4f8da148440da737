/** Copies the part of a blob that falls into the target: it may begin before it and end behind it. */
export function putAt(target: Buffer, plain: Buffer, position: number): void {
  const end = Math.min(plain.byteLength, target.byteLength - position)
  plain.copy(target, Math.max(0, position), Math.max(0, -position), end)
}
