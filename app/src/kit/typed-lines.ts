const CONTINUED = '   '

/**
 * A line to type, broken where the page ends. What goes on is indented, and is never broken at a blank: the lines are typed
 * as one, with nothing in between.
 */
export function typedLines(text: string, characters: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > roomOf(lines, characters)) {
    const end = breakOf(rest, roomOf(lines, characters))
    lines.push(prefixOf(lines) + rest.slice(0, end))
    rest = rest.slice(end)
  }
  return [...lines, prefixOf(lines) + rest]
}

function prefixOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : CONTINUED
}

function roomOf(lines: readonly string[], characters: number): number {
  return characters - prefixOf(lines).length
}

/** The last place in the line that is beside no blank; best behind a slash. */
function breakOf(rest: string, room: number): number {
  const isPlace = (at: number) => rest[at - 1] !== ' ' && rest[at] !== ' '
  const places = Array.from({ length: room }, (_, n) => room - n).filter(isPlace)
  const [last = room] = places
  return places.find((at) => /[/\\]/.test(rest[at - 1] ?? '') && at > room * 0.6) ?? last
}
