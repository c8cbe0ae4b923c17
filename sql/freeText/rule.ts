/** What is taken out of a free text: a pattern of RE2 (no look-around), and what is put in its place (`\1` is the first group). */
export type Rule = { pattern: string; put: string }
