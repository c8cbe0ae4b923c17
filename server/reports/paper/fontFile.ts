import { readFileSync } from 'node:fs'

/** What a font file knows of its signs: which it has, and how wide they are in parts of their size. */
export type FontFile = { has(codePoint: number): boolean; width(codePoint: number): number }

/** Reads the tables `cmap` and `hmtx` of a TrueType or OpenType file, as the OpenType specification lays them out. */
export function readFontFile(path: string): FontFile {
  const file = readFileSync(path)
  const tables = new Map<string, number>()
  for (let at = 12; at < 12 + file.readUInt16BE(4) * 16; at += 16)
    tables.set(file.toString('latin1', at, at + 4), file.readUInt32BE(at + 8))
  const table = (name: string) => {
    const at = tables.get(name)
    if (at === undefined) throw new Error(`The font ${path} has no table ${name}.`)
    return at
  }
  const em = file.readUInt16BE(table('head') + 18)
  const widths = file.readUInt16BE(table('hhea') + 34)
  const hmtx = table('hmtx')
  const glyphs = readGlyphs(file, table('cmap'))
  return {
    has: (codePoint) => glyphs.has(codePoint),
    width: (codePoint) => file.readUInt16BE(hmtx + Math.min(glyphs.get(codePoint) ?? 0, widths - 1) * 4) / em,
  }
}

/** The glyph of each sign, from the subtable that knows most. */
function readGlyphs(file: Buffer, cmap: number): Map<number, number> {
  const subtables = Array.from({ length: file.readUInt16BE(cmap + 2) }, (_, index) => {
    const at = cmap + file.readUInt32BE(cmap + 8 + index * 8)
    return { at, format: file.readUInt16BE(at) }
  })
  const all = subtables.find(({ format }) => format === 12)
  if (all) return readRanges(file, all.at)
  const basic = subtables.find(({ format }) => format === 4)
  return basic ? readSegments(file, basic.at) : new Map()
}

/** Format 12: ranges of signs and the first glyph of each. */
function readRanges(file: Buffer, at: number): Map<number, number> {
  const glyphs = new Map<number, number>()
  for (let range = at + 16; range < at + 16 + file.readUInt32BE(at + 12) * 12; range += 12) {
    const first = file.readUInt32BE(range)
    for (let sign = first; sign <= file.readUInt32BE(range + 4); sign += 1)
      glyphs.set(sign, file.readUInt32BE(range + 8) + sign - first)
  }
  return glyphs
}

/** Format 4: segments of the first 65,536 signs, by a shift or by a list of glyphs. */
function readSegments(file: Buffer, at: number): Map<number, number> {
  const glyphs = new Map<number, number>()
  const bytes = file.readUInt16BE(at + 6)
  for (let segment = 0; segment < bytes; segment += 2) {
    const last = file.readUInt16BE(at + 14 + segment)
    const first = file.readUInt16BE(at + 16 + bytes + segment)
    const shift = file.readUInt16BE(at + 16 + bytes * 2 + segment)
    const listAt = at + 16 + bytes * 3 + segment
    const list = file.readUInt16BE(listAt)
    for (let sign = first; sign <= last && sign < 0xffff; sign += 1) {
      const listed = list === 0 ? sign : file.readUInt16BE(listAt + list + (sign - first) * 2)
      const glyph = list !== 0 && listed === 0 ? 0 : (listed + shift) & 0xffff
      if (glyph > 0) glyphs.set(sign, glyph)
    }
  }
  return glyphs
}
