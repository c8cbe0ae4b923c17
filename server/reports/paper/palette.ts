import type { Palette } from '../../charts/palette.ts'
import type { Status } from '../../words/words.ts'

/** The colours of client/tokens.css by daylight, on white: they keep their contrast when printed. */
export const paper: Palette = {
  text: '#0b1f33',
  muted: '#4a5a6b',
  hair: '#d5dbe2',
  border: '#7b8794',
  bg: '#ffffff',
  surface: '#ffffff',
  on: '#0b5cad',
  off: '#7a1606',
  cats: ['#113c8f', '#8a4f05', '#259c95', '#580628'],
}

/** Ink and ground of a status, by day and by night. */
export const statusColors: Record<
  Status,
  { ink: string; ground: string; night: string; nightGround: string }
> = {
  on: { ink: '#0b5cad', ground: '#e3eefa', night: '#7cc0ff', nightGround: '#123456' },
  near: { ink: '#946200', ground: '#fdf0d5', night: '#ffd166', nightGround: '#4a3800' },
  off: { ink: '#7a1606', ground: '#fde7e1', night: '#ff7a59', nightGround: '#5a1f10' },
  none: { ink: '#5b6672', ground: '#eceff2', night: '#a9b6c4', nightGround: '#2a333d' },
}
