/** A backup that cannot be made, or is not one that can be restored: its message is a whole sentence for people. */
export class BackupError extends Error {
  override name = 'BackupError'
}
