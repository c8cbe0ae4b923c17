const words = /[\p{L}\p{N}]+(?:[-_.][\p{L}\p{N}]+)*/gu

/** Whether a text names one of these ids: as a word of its own, so that BP-1 is not found in BP-12 or BP-1-2. */
export function namesOneOf(ids: readonly string[]): (text: string) => boolean {
  const plain = new Set(ids.filter(isWord))
  // what is no word, like 2026/17, may stand anywhere but within a word, also as JSON and CSV write it
  const others = ids
    .filter((id) => !isWord(id))
    .flatMap((id) => [id, JSON.stringify(id).slice(1, -1), id.replaceAll('"', '""')])
    .map((id) => new RegExp(`(?<![\\p{L}\\p{N}])${escaped(id)}(?![\\p{L}\\p{N}])`, 'u'))
  return (text) => {
    if (others.some((id) => id.test(text))) return true
    for (const [word] of text.matchAll(words)) if (plain.has(word)) return true
    return false
  }
}

const isWord = (id: string): boolean => id.match(words)?.[0] === id
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
