import { createSignal } from 'solid-js'
import type { Palette } from '../server/charts/palette.ts'

export type Theme = 'system' | 'light' | 'dark'
const key = 'clearway-theme'
const given = document.documentElement.dataset.theme
const [theme, setSignal] = createSignal<Theme>(given === 'light' || given === 'dark' ? given : 'system')

export { theme }

/** Chooses the theme and remembers it on this device. */
export function setTheme(next: Theme) {
  setSignal(next)
  if (next === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = next
  try {
    if (next === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, next)
  } catch {
    // Storage may be blocked: then the choice lasts until the page is left.
  }
}

/** The tokens as the browser computes them now: charts cannot read custom properties. */
function readPalette(): Palette {
  const probe = document.createElement('span')
  probe.hidden = true
  document.body.append(probe)
  const read = (token: string) => {
    probe.style.color = `var(--${token})`
    return getComputedStyle(probe).color
  }
  const palette: Palette = {
    text: read('text'),
    muted: read('muted'),
    hair: read('hair'),
    border: read('border'),
    bg: read('bg'),
    surface: read('surface'),
    on: read('on'),
    off: read('off'),
    cats: [read('c1'), read('c2'), read('c3'), read('c4')],
  }
  probe.remove()
  return palette
}

const [version, setVersion] = createSignal(0)
const reread = () => setVersion((count) => count + 1)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', reread)
matchMedia('(forced-colors: active)').addEventListener('change', reread)

// Paper is white: charts are redrawn in the light theme for printing and turned back afterwards.
addEventListener('beforeprint', () => {
  document.documentElement.dataset.theme = 'light'
  reread()
})
addEventListener('afterprint', () => {
  setTheme(theme())
  reread()
})

/** The colours of the theme in force; charts that read it are redrawn when it changes. */
export function palette(): Palette {
  theme()
  version()
  return readPalette()
}
