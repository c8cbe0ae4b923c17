import { statfsSync } from 'node:fs'
import { EngineError } from './errors.ts'

/** Below this the engine may write half a file and call it done: measured for definitions of tables and for results. */
const least = 16 * 1024 * 1024

/** Whether the disk of a folder has so little room that what is written there cannot be trusted. */
export function isTight(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < least
}

/** Code 243 on a tight disk. */
export function needRoom(folder: string): void {
  if (isTight(folder)) throw new EngineError(243, 'NOT_ENOUGH_SPACE', 'The disk of the data folder is full')
}
