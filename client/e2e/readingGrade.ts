/** Flesch-Kincaid grade of running text: years of school it takes to read it. Syllables are counted as groups of vowels. */
export function readingGrade(text: string): number {
  const sentences = text.split(/[.!?:]+\s|[.!?]$/).filter((sentence) => /[a-z]/i.test(sentence))
  const words = text.match(/[a-z]+(?:['’-][a-z]+)*/gi) ?? []
  const syllables = words.reduce((sum, word) => sum + syllablesIn(word.toLowerCase()), 0)
  return 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59
}

const syllablesIn = (word: string) =>
  Math.max(
    1,
    (
      word
        .replace(/(?:[^laeiouy]|ed|[^laeiouy]es)e?$/, (end) => end.replace(/e[sd]?$/, ''))
        .match(/[aeiouy]+/g) ?? []
    ).length,
  )
