import { crc32, deflateRawSync } from 'node:zlib'
import {
  ended,
  numbers,
  type RawEntry,
  type RawFields,
  type RawLayout,
  rawBody,
  rawDescriptor,
  rawZip,
} from './raw-zip.ts'

/** A ZIP that was built to harm or is broken, beside its harmless twin: nearly the same, and to be accepted. */
export interface HostileZip {
  readonly name: string
  readonly bytes: Buffer
  readonly expected: 'archive.damaged' | 'archive.unsafe'
  /** What the refusal says: that it was refused for what is wrong with it. */
  readonly says: RegExp
  readonly twin: Buffer
}

const TEA = Buffer.from('a picture of tea '.repeat(50))
const tea: RawEntry = { name: 'images/tea.jpg', content: TEA, method: 8 }
const bread: RawEntry = { name: 'images/bread.jpg', content: Buffer.from('bread'), method: 0 }
const plainTwin = rawZip([tea, bread])

function unsafe(name: string, says: RegExp, bytes: Buffer, twin: Buffer = plainTwin): HostileZip {
  return { name, bytes, expected: 'archive.unsafe', says, twin }
}

function damaged(name: string, says: RegExp, bytes: Buffer, twin: Buffer = plainTwin): HostileZip {
  return { name, bytes, expected: 'archive.damaged', says, twin }
}

/** Every hostile ZIP that we know, by class. */
export function hostileZips(): readonly HostileZip[] {
  return [
    ...notWhole(),
    ...names(),
    ...pairs(),
    ...kinds(),
    ...methods(),
    ...records(),
    ...layouts(),
    ...ends(),
    ...bombs(),
  ]
}

function notWhole(): HostileZip[] {
  const wrong = (content: string) => ({ data: deflateRawSync(Buffer.from(content)) })
  const flipped = Buffer.from(plainTwin)
  const at = flipped.indexOf('bread', flipped.indexOf('images/bread.jpg') + 16)
  flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at)
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 7919) >>> 8))
  const large: RawEntry = { name: 'a', content: noise, method: 8 }
  const cut = deflateRawSync(noise).subarray(0, 1000)
  return [
    damaged('nothing', /too short/, Buffer.alloc(0), rawZip([])),
    damaged('21 bytes', /too short/, rawZip([]).subarray(1), rawZip([])),
    damaged('a text', /no ZIP file/, Buffer.from('once upon a time there was a shop')),
    damaged('zeros', /no ZIP file/, Buffer.alloc(100_000)),
    damaged('its first half', /cut short/, plainTwin.subarray(0, plainTwin.byteLength / 2)),
    damaged('all but its last byte', /cut short/, plainTwin.subarray(0, -1)),
    unsafe('its second half', /directory does not reach/, plainTwin.subarray(100)),
    damaged('a byte of a stored file flipped', /not what was saved/, flipped),
    damaged('a wrong CRC-32 everywhere', /not what was saved/, forged(tea, { crc: 1 })),
    damaged('a wrong CRC-32 of a large file', /not what was saved/, forged(large, { crc: 1 }), rawZip([large])),
    damaged(
      'a deflated file cut short',
      /can't be unpacked/,
      rawZip([{ ...tea, data: deflateRawSync(TEA).subarray(0, 9) }]),
    ),
    damaged('a large deflated file cut short', /can't be unpacked/, rawZip([{ ...large, data: cut }]), rawZip([large])),
    damaged('a deflated file of nonsense', /can't be unpacked/, rawZip([{ ...tea, data: Buffer.alloc(40, 0xff) }])),
    damaged(
      'a deflated file of no bytes',
      /can't be unpacked/,
      rawZip([{ name: 'a', method: 8, data: Buffer.alloc(0) }]),
      rawZip([{ name: 'a', method: 8 }]),
    ),
    damaged('more bytes than it claims', /can't be unpacked|more than/, rawZip([{ ...tea, ...wrong(`${TEA}more`) }])),
    damaged('fewer bytes than it claims', /instead of/, rawZip([{ ...tea, ...wrong('less') }])),
  ]
}

function names(): HostileZip[] {
  const bad = [
    '',
    '/',
    '/etc/passwd',
    '../evil',
    'images/../../evil',
    'images/..',
    './a',
    'a//b',
    'images/',
    'C:/evil',
    'c:evil',
    '\\\\server\\share\\a',
    'images\\tea.jpg',
    '..\\evil',
    'nul',
    'images/COM1.jpg',
    'aux.txt',
    'tea.jpg:stream',
    'a\0.jpg',
    'a\nb',
    'a\u001b[2J',
    'tea.jpg.',
    'tea.jpg ',
    'a*',
    'a'.repeat(4096),
    'a'.repeat(65_535),
  ]
  const good = [
    'null',
    'C/evil',
    'images/..a',
    'images/COM10.jpg',
    'a'.repeat(4095),
    'images/\u5e97/\u{1f600}.png',
    '-rf',
    ' a',
  ]
  const twin = rawZip(good.map((name) => ({ name })))
  const overlong = Buffer.concat([Buffer.from([0xc0, 0xae, 0xc0, 0xae]), Buffer.from('/evil')])
  const unicodePath = Buffer.concat([
    numbers([2, 0x7075], [2, 5 + 4]),
    Buffer.of(1),
    numbers([4, crc32(Buffer.from('a'))]),
    Buffer.from('evil'),
  ])
  return [
    ...bad.map((name) =>
      unsafe(`the name ${JSON.stringify(name.slice(0, 30))}`, /is no name/, rawZip([{ name }]), twin),
    ),
    unsafe('a name in overlong UTF-8', /is no UTF-8/, rawZip([{ name: overlong }])),
    unsafe('a name in Latin-1', /is no UTF-8/, rawZip([{ name: Buffer.from([0xe9]) }]), rawZip([{ name: '\u00e9' }])),
    unsafe(
      'a name that does not say it is UTF-8',
      /not written as ours|ours is not/,
      rawZip([{ name: 'a', both: { flags: 8 } }]),
    ),
    unsafe(
      'a second name in an extra field',
      /not written as ours/,
      rawZip([{ name: 'a', central: { extra: unicodePath } }]),
    ),
  ]
}

function pairs(): HostileZip[] {
  const pair = (first: string, second: string): Buffer => rawZip([{ name: first }, { name: second }])
  return [
    unsafe('the same name twice', /there twice/, pair('a', 'a'), pair('a', 'b')),
    unsafe(
      'names that differ by capitals',
      /there twice/,
      pair('images/Tea.jpg', 'images/tea.JPG'),
      pair('Tea.jpg', 'tea2.jpg'),
    ),
    unsafe('names that differ by Greek capitals', /there twice/, pair('\u03a3', '\u03c2'), pair('\u03a3', '\u03c4')),
    unsafe('names that differ by composition', /there twice/, pair('\u00e9', 'e\u0301'), pair('\u00e9', 'e')),
    unsafe('a file, then a folder of its name', /also a file/, pair('a', 'a/b'), pair('a', 'a2/b')),
    unsafe('a folder, then a file of its name', /both a file and a folder/, pair('a/b', 'A'), pair('a/b', 'a.b')),
  ]
}

function kinds(): HostileZip[] {
  const mode = (bits: number) => rawZip([{ ...bread, central: { external: bits * 0x10000 } }])
  return [
    unsafe(
      'a symbolic link',
      /no plain file/,
      rawZip([{ name: 'a', content: Buffer.from('/etc/passwd'), central: { external: 0o120777 * 0x10000 } }]),
    ),
    unsafe('a folder by its mode', /no plain file/, mode(0o040755)),
    unsafe('a character device', /no plain file/, mode(0o020666)),
    unsafe('a block device', /no plain file/, mode(0o060666)),
    unsafe('a pipe', /no plain file/, mode(0o010644)),
    unsafe('a socket', /no plain file/, mode(0o140777)),
    unsafe('a file without a kind', /no plain file/, mode(0)),
    unsafe('a file that runs as its owner', /not written as ours/, mode(0o104755)),
    unsafe(
      'a folder by the attributes of DOS',
      /not written as ours/,
      rawZip([{ ...bread, central: { external: 0o100644 * 0x10000 + 0x10 } }]),
    ),
    unsafe(
      'a file from another system',
      /not written as ours/,
      rawZip([{ ...bread, central: { versionMade: 0x0014 } }]),
    ),
  ]
}

function methods(): HostileZip[] {
  const flags = (bits: number) => rawZip([{ ...bread, both: { flags: bits } }])
  return [
    ...[1, 6, 9, 12, 14, 93, 95, 98, 99].map((method) =>
      unsafe(`the method ${method}`, /compressed in a way/, rawZip([{ ...bread, both: { method } }])),
    ),
    unsafe('encryption', /is encrypted/, flags(0x0809)),
    unsafe('strong encryption', /encrypt/, flags(0x0849)),
    unsafe('an encrypted directory', /is encrypted/, flags(0x2808)),
    unsafe('a patch', /ours is not/, flags(0x0828)),
    unsafe('no descriptors', /ours is not/, flags(0x0800)),
  ]
}

/** The records around a file, and what the directory says of it, differ. */
function records(): HostileZip[] {
  const local = (lies: Partial<RawFields>): Buffer => rawZip([tea, { ...bread, local: lies }])
  const central = (lies: Partial<RawFields>): Buffer => rawZip([tea, { ...bread, central: lies }])
  const after = (descriptor: Buffer): Buffer => rawZip([tea, { ...bread, descriptor }])
  const crc = crc32(Buffer.from('bread'))
  const wide = (...sizes: number[]) =>
    Buffer.concat([numbers([2, 1], [2, 8 * sizes.length]), ...sizes.map((size) => numbers([8, size]))])
  const wideBread: RawEntry = {
    ...bread,
    both: { version: 45, compressedBytes: 0xffffffff, bytes: 0xffffffff },
    local: { extra: wide(0, 0) },
    central: { extra: wide(5, 5) },
    descriptor: numbers([4, 0x08074b50], [4, crc], [8, 5], [8, 5]),
  }
  const wideTwin = rawZip([tea, wideBread])
  return [
    ...(
      [
        ['name', { name: Buffer.from('images/broad.jpg') }],
        ['longer name', { name: Buffer.from('images/bread.jpg.exe') }],
        ['method', { method: 8 }],
        ['date', { date: 0x22 }],
        ['time', { time: 1 }],
        ['CRC-32', { crc }],
        ['compressed size', { compressedBytes: 5 }],
        ['size', { bytes: 5 }],
        ['version', { version: 45 }],
        ['signature', { signature: 0x04034b51 }],
        ['extra field', { extra: wide(5, 5) }],
        ['encryption', { flags: 0x0809 }],
        ['character set', { flags: 0x0008 }],
      ] as const
    ).map(([what, lies]) => unsafe(`another ${what} in the local header`, /what stands around/, local(lies))),
    unsafe('a comment on a file', /not written as ours/, central({ comment: Buffer.from('hello') })),
    unsafe('a file on the second disk', /not written as ours/, central({ disk: 1 })),
    unsafe('a file that is said to be a text', /not written as ours/, central({ internal: 1 })),
    unsafe(
      'an extra field of times',
      /not written as ours/,
      central({ extra: numbers([2, 0x5455], [2, 1], [2, 0]).subarray(0, 5) }),
    ),
    unsafe(
      'sizes of 64 bits that nobody asked for',
      /not written as ours|what stands around/,
      central({ extra: wide(6, 6) }),
    ),
    unsafe('sizes of 64 bits that are too short', /size/, central({ bytes: 0xffffffff, compressedBytes: 0xffffffff })),
    damaged('an extra field that goes on too long', /extra field/, central({ extra: numbers([2, 1], [2, 99]) })),
    damaged('a directory record without its signature', /signature/, central({ signature: 0x02014b51 })),
    unsafe(
      'another size of 64 bits in the descriptor',
      /what stands around/,
      rawZip([tea, { ...wideBread, descriptor: numbers([4, 0x08074b50], [4, crc], [8, 5], [8, 6]) }]),
      wideTwin,
    ),
    unsafe(
      'sizes of 64 bits in the directory only',
      /what stands around/,
      rawZip([tea, { ...wideBread, local: {}, both: {}, central: { ...wideBread.both, ...wideBread.central } }]),
      wideTwin,
    ),
    unsafe(
      'a size of 2^63',
      /more than a file can hold|two different sizes/,
      rawZip([
        { ...wideBread, central: { extra: Buffer.concat([numbers([2, 1], [2, 16], [8, 2n ** 63n], [8, 2n ** 63n])]) } },
      ]),
      wideTwin,
    ),
    unsafe(
      'a descriptor with another CRC-32',
      /what stands around/,
      after(rawDescriptor({ crc: 1, compressedBytes: 5, bytes: 5 })),
    ),
    unsafe(
      'a descriptor with another size',
      /what stands around/,
      after(rawDescriptor({ crc, compressedBytes: 5, bytes: 6 })),
    ),
    unsafe(
      'a descriptor without its signature',
      /what stands around|reaches into/,
      after(rawDescriptor({ crc, compressedBytes: 5, bytes: 5 }).subarray(4)),
    ),
    unsafe('no descriptor', /what stands around|reaches into/, after(Buffer.alloc(0))),
    unsafe('a stored file with two sizes', /two different sizes/, central({ bytes: 6 })),
    unsafe(
      'something hidden behind the end of a deflated file',
      /hidden behind/,
      rawZip([{ ...tea, data: Buffer.concat([deflateRawSync(TEA), Buffer.from('virus')]) }]),
    ),
    unsafe(
      'much hidden behind the end of a deflated file',
      /hidden behind/,
      rawZip([{ ...tea, data: Buffer.concat([deflateRawSync(TEA), Buffer.alloc(600_000, 1)]) }]),
    ),
  ]
}

/** Where the files lie, and what lies between them. */
function layouts(): HostileZip[] {
  const inner = rawZip([{ name: 'inner', content: Buffer.from('inner') }])
  const outer: RawEntry = { name: 'outer.zip', content: inner }
  const atStart = { central: { offset: 0 }, onlyInDirectory: true }
  const innerOffset = 30 + 'outer.zip'.length
  return [
    unsafe('two entries of the same bytes', /overlaps/, rawZip([tea, { ...tea, name: 'images/b.jpg', ...atStart }])),
    unsafe(
      'an entry inside another',
      /overlaps|behind a gap/,
      rawZip([
        outer,
        { name: 'inner', content: Buffer.from('inner'), onlyInDirectory: true, central: { offset: innerOffset } },
      ]),
      rawZip([outer]),
    ),
    unsafe(
      'an entry that reaches over the next one',
      /reaches into|what stands around/,
      rawZip([{ ...bread, central: { compressedBytes: 200, bytes: 200 } }, tea]),
    ),
    unsafe('the directory in another order', /behind a gap|overlaps/, reordered()),
    unsafe('a gap between two files', /behind a gap/, rawZip([tea, { ...bread, before: Buffer.from('hidden') }])),
    unsafe(
      'bytes before the first file',
      /behind a gap/,
      rawZip([{ ...tea, before: Buffer.from('#!/bin/sh\n') }, bread]),
    ),
    unsafe(
      'bytes before the first file that no offset counts',
      /directory does not reach/,
      Buffer.concat([Buffer.from('#!/bin/sh\n'), plainTwin]),
    ),
    unsafe('a whole other ZIP before it', /directory does not reach/, Buffer.concat([inner, plainTwin])),
    unsafe(
      'bytes before the directory',
      /bytes between/,
      rawZip([tea, bread], { beforeDirectory: Buffer.from('hidden') }),
    ),
    unsafe('a file that the directory leaves out', /bytes between/, leftOut()),
    unsafe(
      'bytes after the directory',
      /directory does not reach/,
      rawZip([tea, bread], { afterDirectory: Buffer.from('hidden') }),
    ),
    unsafe('bytes after the end', /follows its end/, rawZip([tea, bread], { after: Buffer.from('\n') })),
    unsafe(
      'an end inside the bytes after the end',
      /directory does not reach/,
      rawZip([tea, bread], { after: rawZip([]) }),
      rawZip([]),
    ),
    unsafe(
      'an offset behind the end of the file',
      /behind a gap/,
      rawZip([{ ...tea, central: { offset: 0xfffffff0 } }]),
    ),
    unsafe(
      'a file larger than the archive',
      /reaches into/,
      rawZip([{ ...bread, central: { compressedBytes: 0xfffffff0, bytes: 0xfffffff0 } }]),
    ),
  ]
}

/** The end of the archive. */
function ends(): HostileZip[] {
  const end = (lies: RawLayout['end']): Buffer => rawZip([tea, bread], { end: lies ?? {} })
  const wideEnd = (lies: RawLayout['wideEnd']): Buffer =>
    rawZip([tea, bread], { end: { entriesHere: 0xffff, entries: 0xffff }, wideEnd: lies ?? {} })
  const many = rawBody(Array.from({ length: 0xffff }, (_, i) => ({ name: String(i) })))
  const wideLayout: RawLayout = { end: { entriesHere: 0xffff, entries: 0xffff }, wideEnd: {} }
  const wideTwin = ended(many, wideLayout)
  const body = rawBody([tea, bread])
  const longer = (more: Buffer): Buffer => ended({ ...body, bytes: Buffer.concat([body.bytes, more]) }, {})
  return [
    unsafe('a comment', /follows its end/, end({ comment: Buffer.from('hello') })),
    unsafe(
      'a comment that is an end itself',
      /directory does not reach|not written as ours/,
      end({ comment: numbers([4, 0x06054b50], [8, 0], [8, 0], [2, 0]) }),
      rawZip([]),
    ),
    unsafe('the second disk of two', /not written as ours/, end({ disk: 1 })),
    unsafe('a directory on the second disk', /not written as ours/, end({ directoryDisk: 1 })),
    unsafe('two different counts of files', /not written as ours/, end({ entriesHere: 1 })),
    unsafe('fewer files than there are', /bytes between/, end({ entriesHere: 1, entries: 1 })),
    secondOpinion(),
    unsafe('bytes that the directory counts as its own', /bytes between/, longer(Buffer.from('hidden'))),
    unsafe(
      'a record that the directory does not count',
      /bytes between/,
      longer(body.bytes.subarray(body.bytes.lastIndexOf(DIRECTORY_RECORD))),
    ),
    damaged('more files than there are', /signature|cut short/, end({ entriesHere: 3, entries: 3 })),
    unsafe('a directory that begins too late', /directory does not reach/, end({ directoryOffset: 9 })),
    unsafe('a directory of 4 GB', /directory does not reach/, end({ directoryBytes: 0xfffffffe })),
    unsafe(
      'records of 64 bits that nobody asked for',
      /directory does not reach/,
      rawZip([tea, bread], { wideEnd: {} }),
    ),
    unsafe('records of 64 bits that were not needed', /not written as ours/, wideEnd({}), wideTwin),
    unsafe('65,535 files without records of 64 bits', /not written as ours|can hold/, ended(many, {}), wideTwin),
    unsafe(
      'another count in 64 bits',
      /not written as ours|bytes between/,
      ended(many, { ...wideLayout, wideEnd: { entries: 65_536n } }),
      wideTwin,
    ),
    unsafe(
      'records of 64 bits on another disk',
      /not written as ours/,
      ended(many, { ...wideLayout, wideEnd: { disk: 1 } }),
      wideTwin,
    ),
    unsafe(
      'two disks in 64 bits',
      /not written as ours/,
      ended(many, { ...wideLayout, wideEnd: { disks: 2 } }),
      wideTwin,
    ),
    unsafe(
      'records of 64 bits that are elsewhere',
      /not written as ours/,
      ended(many, { ...wideLayout, wideEnd: { recordOffset: 0n } }),
      wideTwin,
    ),
    unsafe(
      'something in the records of 64 bits',
      /not written as ours|can hold/,
      ended(many, { ...wideLayout, wideEnd: { size: 54n, more: Buffer.from('0123456789') } }),
      wideTwin,
    ),
    unsafe(
      'a directory of 2^63 bytes',
      /more than a file can hold/,
      ended(many, { ...wideLayout, wideEnd: { directoryBytes: 2n ** 63n } }),
      wideTwin,
    ),
    unsafe(
      'a directory at 2^64 - 1',
      /more than a file can hold/,
      ended(many, { ...wideLayout, wideEnd: { directoryOffset: 2n ** 64n - 1n } }),
      wideTwin,
    ),
    unsafe(
      'a directory of 2^40 bytes',
      /directory does not reach|not written as ours/,
      ended(many, { ...wideLayout, wideEnd: { directoryBytes: 2n ** 40n } }),
      wideTwin,
    ),
  ]
}

/** Its directory ends like a locator of 64 bits: who believes that finds the records inside the first file. */
function secondOpinion(): HostileZip {
  const record = numbers([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [8, 0], [8, 5], [8, 5], [8, 46], [8, 0])
  const first: RawEntry = { name: 'first', content: record }
  const comment = numbers([4, 0x07064b50], [4, 0], [8, 30 + 'first'.length], [4, 1])
  const hostile = rawZip([first, { ...bread, central: { comment } }])
  return unsafe('an end that can be read in two ways', /read in two ways/, hostile, rawZip([first, bread]))
}

function bombs(): HostileZip[] {
  const zeros = Buffer.alloc(64 * 1024 * 1024)
  const data = deflateRawSync(zeros, { level: 1 })
  const large: RawEntry = { name: '0', content: zeros, data, method: 8 }
  const truth = { crc: crc32(zeros), bytes: zeros.byteLength, compressedBytes: data.byteLength }
  const same = (name: string): RawEntry => ({
    name,
    onlyInDirectory: true,
    central: { ...truth, method: 8, offset: 0 },
  })
  const thousand = Array.from({ length: 999 }, (_, index) => same(String(index + 1)))
  const honest = rawZip([large])
  const claims = (entries: bigint): Buffer =>
    rawZip([tea, bread], {
      end: { entriesHere: 0xffff, entries: 0xffff },
      wideEnd: { entries, entriesHere: entries },
    })
  return [
    damaged('64 MiB that claim to be 1000 bytes', /more than its/, forged(large, { bytes: 1000 }), honest),
    damaged('64 MiB that claim to be one byte less', /more than its/, forged(large, { bytes: 2 ** 26 - 1 }), honest),
    damaged('900 bytes that claim to be 10', /can't be unpacked/, forged(tea, { bytes: 10 })),
    unsafe('a file that grows too many times', /larger than anything/, forged(large, { bytes: 0xfffffff0 }), honest),
    unsafe('1000 files of the same 64 MiB', /overlaps/, rawZip([large, ...thousand]), honest),
    unsafe('a million files and one', /1000001 files/, claims(1_000_001n)),
    unsafe('2^53 - 1 files', /files/, claims(2n ** 53n - 1n)),
    unsafe('2^64 - 1 files', /more than a file can hold/, claims(2n ** 64n - 1n)),
  ]
}

/** An entry whose directory and descriptor tell the same lies. */
function forged(entry: RawEntry, lies: Partial<Pick<RawFields, 'crc' | 'bytes'>>): Buffer {
  const content = entry.content ?? Buffer.alloc(0)
  const data = entry.data ?? deflateRawSync(content)
  const truth = { crc: crc32(content), bytes: content.byteLength, compressedBytes: data.byteLength }
  return rawZip([{ ...entry, data, central: lies, descriptor: rawDescriptor({ ...truth, ...lies }) }])
}

/** A directory that names its files in another order than they lie in. */
function reordered(): Buffer {
  const zip = rawZip([tea, bread])
  const first = zip.indexOf(DIRECTORY_RECORD)
  const second = zip.indexOf(DIRECTORY_RECORD, first + 1)
  const end = zip.byteLength - 22
  return Buffer.concat([
    zip.subarray(0, first),
    zip.subarray(second, end),
    zip.subarray(first, second),
    zip.subarray(end),
  ])
}

/** The second file lies there, and is not in the directory. */
function leftOut(): Buffer {
  const hidden = rawZip([{ ...bread }])
  return rawZip([tea], { beforeDirectory: hidden.subarray(0, hidden.indexOf(DIRECTORY_RECORD)) })
}

const DIRECTORY_RECORD = numbers([4, 0x02014b50])
