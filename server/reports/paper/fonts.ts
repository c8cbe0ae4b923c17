import { createRequire } from 'node:module'
import { type FontFile, readFontFile } from './fontFile.ts'

/**
 * Paper is set in Source Sans 3: Latin, Greek, Cyrillic. What it lacks (Arabic, Hebrew, Armenian, Georgian, arrows and other signs) is
 * taken from DejaVu Sans. Both come with the program: reports look alike on every machine.
 */
export const family = 'Source Sans 3'
export const otherFamily = 'DejaVu Sans'

const require = createRequire(import.meta.url)

/** Absolute paths, the regular faces of both families first. */
export const fontFiles = (): string[] => [
  require.resolve('@expo-google-fonts/source-sans-3/400Regular/SourceSans3_400Regular.ttf'),
  require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  require.resolve('@expo-google-fonts/source-sans-3/600SemiBold/SourceSans3_600SemiBold.ttf'),
  require.resolve('@expo-google-fonts/source-sans-3/700Bold/SourceSans3_700Bold.ttf'),
  require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
]

let read: FontFile[] | undefined
const faces = () => {
  read ??= fontFiles().map(readFontFile)
  return read
}

/** Whether a sign can be printed, regular and bold: one of the families has it in all its faces. */
export function canPrint(codePoint: number): boolean {
  const [text, other, semibold, bold, otherBold] = faces().map((face) => face.has(codePoint))
  return Boolean((text && semibold && bold) || (other && otherBold))
}

/** The files a picture of these words needs: they are read anew for each, so the other family is left out where nothing asks for it. */
export function fontFilesFor(words: string): string[] {
  const [text] = faces()
  const ours = [...words].every((sign) => text?.has(sign.codePointAt(0) ?? 0) ?? false)
  return fontFiles().filter((path) => !ours || !path.includes('DejaVu'))
}

/** How wide words are, in parts of their size. */
export function textWidth(text: string): number {
  let width = 0
  for (const sign of text) {
    const codePoint = sign.codePointAt(0) ?? 0
    width +=
      faces()
        .find((face) => face.has(codePoint))
        ?.width(codePoint) ?? 1
  }
  return width
}
