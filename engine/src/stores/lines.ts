/** No line of ours is longer: the longest is that of a label. */
const LONGEST_LINE_BYTES = 2 * 1024 * 1024
const LINE_FEED = 10

/**
 * The lines of a text in UTF-8, without their line feeds; the last one has a line feed too. Throws what `wrong` makes of
 * the reason when it is no such text.
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  wrong: (why: string, cause?: unknown) => Error,
): AsyncGenerator<string, void, undefined> {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let begun = Buffer.alloc(0)
  for await (const chunk of stream) {
    const bytes = Buffer.concat([begun, chunk])
    let start = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield decoded(bytes.subarray(start, end), text, wrong)
      start = end + 1
    }
    begun = bytes.subarray(start)
    if (begun.byteLength > LONGEST_LINE_BYTES) {
      throw wrong('one of its lines is too long')
    }
  }
  if (begun.byteLength > 0) {
    throw wrong('its last line is cut short')
  }
}

/**
 * The items of a list that has one on a line, each but the last with a comma behind it, up to the line `]}` that ends the
 * text. There is at least one.
 */
export async function* listItems(
  lines: AsyncIterable<string>,
  wrong: (why: string, cause?: unknown) => Error,
): AsyncGenerator<string, void, undefined> {
  let before: LineKind = 'item'
  for await (const line of lines) {
    const kind = kindOf(line)
    if (!FOLLOWING[before].includes(kind)) {
      throw wrong('it is not laid out as Tillsafe writes it')
    }
    if (kind !== 'end') {
      yield kind === 'item' ? line.slice(0, -1) : line
    }
    before = kind
  }
  if (before !== 'end') {
    throw wrong('it is cut short')
  }
}

type LineKind = 'item' | 'last item' | 'end'

const FOLLOWING: Readonly<Record<LineKind, readonly LineKind[]>> = {
  item: ['item', 'last item'],
  'last item': ['end'],
  end: [],
}

function kindOf(line: string): LineKind {
  if (line === ']}') {
    return 'end'
  }
  return line.endsWith(',') ? 'item' : 'last item'
}

function decoded(line: Uint8Array, text: TextDecoder, wrong: (why: string, cause?: unknown) => Error): string {
  try {
    return text.decode(line)
  } catch (cause) {
    throw wrong('it is no UTF-8', cause)
  }
}
