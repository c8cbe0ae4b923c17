import { keyFile } from '../keyFile.ts'

/** The key of the hashes of those who were erased. It belongs to the backups: without it nobody knows who must not come back. */
export const erasureKey = (dataDir: string): Promise<string> => keyFile(dataDir, 'erasure.key', 32)
