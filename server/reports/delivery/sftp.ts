import { createHash } from 'node:crypto'
import type { Client } from 'ssh2'
import SftpClient from 'ssh2-sftp-client'
import type { Destination } from '../../../sql/reportSchedules.ts'
import type { Parcel } from '../parcel.ts'
import { aboutName, hasAbout, markedName, safeName } from './bytes.ts'
import { delivered, type Handed, refused, retry } from './handed.ts'
import type { DeliverySettings } from './settings.ts'

type Host = Extract<Destination, { kind: 'sftp' }>

/** What ssh-keygen -l prints of a host's key. */
export const fingerprintOf = (key: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/**
 * Lays the file on another machine, checked by the key it must have. The checksum lies beside it as `<name>.sha256`, as sha256sum reads it;
 * a file of this size and checksum that is there already is taken as delivered. Nothing is ever replaced.
 */
export async function toSftp(
  { key, file, message }: Parcel,
  { host, port, user, path, host_key }: Host,
  { privateKey, password, passwordHosts }: DeliverySettings['sftp'],
  signal: AbortSignal,
): Promise<Handed> {
  if (!privateKey && !password) return refused('SFTP_PRIVATE_KEY or SFTP_PASSWORD is not set.')
  // who may write schedules may not have the password sent to a machine of their choice
  if (!privateKey && !passwordHosts.includes(host))
    return refused(
      `SFTP_PASSWORD is not for ${host}: name it in SFTP_PASSWORD_HOSTS, or use SFTP_PRIVATE_KEY.`,
    )
  let stranger = ''
  const client = new SftpClient('reports', { error: () => {}, end: () => {}, close: () => {} })
  // its own way to end waits for the other side
  const { client: connection } = client as unknown as { client: Client }
  const hangUp = () => connection.end().destroy()
  signal.addEventListener('abort', hangUp)
  try {
    await client.connect({
      host,
      port,
      username: user,
      ...(privateKey ? { privateKey } : { password }),
      readyTimeout: 30_000,
      hostVerifier: (shown: Buffer) => {
        const print = fingerprintOf(shown)
        if (print !== host_key) stranger = print
        return print === host_key
      },
    })
    const folder = path.replace(/\/+$/, '')
    const inFolder = (name: string) => (path === '' ? name : `${folder}/${name}`)
    if (folder !== '' && !(await client.exists(folder))) await client.mkdir(folder, true)
    const aside = inFolder(`.${key}.part`)
    for (const name of [safeName(file.name), markedName(file.name, file.sha256.slice(0, 16))]) {
      const place = inFolder(name)
      const note = `${file.sha256}  ${name}\n`
      if (await client.exists(place)) {
        const { size } = await client.stat(place)
        if (size === file.bytes && (await noteOf(client, `${place}.sha256`)) === note)
          return delivered(place, 'It was there already.')
        continue
      }
      await client.fastPut(file.path, aside)
      const { size } = await client.stat(aside)
      if (size !== file.bytes) return retry(`Only ${size} of ${file.bytes} bytes arrived.`)
      // the notes first: a file is known again only by its checksum, and notes without a file say nothing
      if (hasAbout(file.name)) await client.put(Buffer.from(message.text), aboutName(place))
      await client.put(Buffer.from(note), `${place}.sha256`)
      // this kind of renaming fails where something has the name
      await client.rename(aside, place)
      return delivered(place)
    }
    return refused(`Other files have the names that ${safeName(file.name)} could have.`)
  } catch (error) {
    if (stranger)
      return refused(
        `${host} shows another key (${stranger}) than the schedule names: nothing was sent to it.`,
      )
    throw error
  } finally {
    signal.removeEventListener('abort', hangUp)
    hangUp()
  }
}

const noteOf = async (client: SftpClient, path: string): Promise<string> =>
  (await client.exists(path)) ? String(await client.get(path)) : ''
