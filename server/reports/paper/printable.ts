import { canPrint } from './fonts.ts'

/** Signs that show nothing or turn the direction of others: nobody should be misled by them. Joiners are needed by some scripts. */
const unseen = /(?![\u200c\u200d])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}]/gu
const beyondLatin = /[^\x20-\x7e]+/gu

/**
 * Text that paper can show. A sign that no font of ours has is written as its code point, `[U+4E2D]`: an empty box would say nothing,
 * and leaving it out would say something else. A run of them shares its brackets.
 */
export function drawable(text: string): string {
  return text.replace(unseen, '').replace(beyondLatin, (signs) => {
    let told = ''
    let lacking: string[] = []
    const tell = () => {
      if (lacking.length > 0) told += `[${lacking.join(' ')}]`
      lacking = []
    }
    for (const sign of signs) {
      const codePoint = sign.codePointAt(0) ?? 0
      if (codePoint === 0x200c || codePoint === 0x200d) told += lacking.length > 0 ? '' : sign
      else if (canPrint(codePoint)) {
        tell()
        told += sign
      } else lacking.push(`U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`)
    }
    tell()
    return told
  })
}

/** One line of text as mail and plain text show it: any script, for readers have fonts of their own. */
export const oneLine = (text: string) => text.replace(/\s+/g, ' ').replace(unseen, '').trim()

/** One line of text as paper shows it. */
export const printable = (text: string) => drawable(text.replace(/\s+/g, ' ').trim())
