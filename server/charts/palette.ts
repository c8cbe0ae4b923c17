/** The colours a chart is drawn in. */
export type Palette = {
  text: string
  muted: string
  hair: string
  border: string
  bg: string
  surface: string
  on: string
  off: string
  cats: [string, string, string, string]
}
