import type { Status } from './words.ts'

/** A shape for each status, 16 by 16: a disc with a tick, a triangle, an octagon with a cross, a bar. */
export const statusShapes: Record<Status, string> = {
  on: 'M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0m-1.2 11.6L3.4 8.2l1.4-1.4 2 2 4.4-4.4 1.4 1.4z',
  near: 'M8 1 16 15H0zM7 6v4h2V6zm0 5v2h2v-2z',
  off: 'M5 0h6l5 5v6l-5 5H5l-5-5V5zm-.2 3.6L3.6 4.8 6.8 8l-3.2 3.2 1.2 1.2L8 9.2l3.2 3.2 1.2-1.2L9.2 8l3.2-3.2-1.2-1.2L8 6.8z',
  none: 'M0 6h16v4H0z',
}
