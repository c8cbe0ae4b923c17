import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { LoadError } from './loadError.ts'

/** The part of clearway.config.json that a service directory tells. */
export type Directory = {
  departments: { id: string; name: string }[]
  services: { id: string; name: string; department: string; means: string }[]
}

const largest = 64 * 2 ** 20

/** A service of HSDS 3 (Open Referral), as far as Clearway uses it; of version 2 the organization is only an id. */
const hsdsService = z
  .object({
    id: z.string().min(1),
    name: z.string().min(1),
    status: z.string(),
    description: z.string().nullish(),
    organization: z.object({ id: z.string(), name: z.string() }).nullish(),
    organization_id: z.string().nullish(),
  })
  .refine(({ organization, organization_id }) => organization != null || organization_id != null)
const hsds = z.union([z.array(hsdsService).min(1), z.object({ contents: z.array(hsdsService).min(1) })])

/**
 * The services and departments of an HSDS directory (`services.json`, a list or a page with `contents`): a part for
 * clearway.config.json. Undefined when the file is no such directory. Services that are not active are left out and named in `notes`.
 */
export async function readDirectory(
  file: string,
): Promise<{ directory: Directory; notes: string[] } | undefined> {
  const found = await stat(file).catch(() => {
    throw new LoadError(`The file ${file} does not exist or may not be read.`)
  })
  if (!/\.json(\.gz)?$/i.test(file) || !found.isFile() || found.size > largest) return undefined
  let json: unknown
  try {
    const bytes = await readFile(file)
    const text = bytes[0] === 0x1f ? gunzipSync(bytes, { maxOutputLength: largest }) : bytes
    json = JSON.parse(text.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
  const parsed = hsds.safeParse(json)
  if (!parsed.success) return undefined
  const all = Array.isArray(parsed.data) ? parsed.data : parsed.data.contents
  const active = all.filter(({ status }) => status === 'active')
  const departments = new Map<string, { id: string; name: string }>()
  const ids = new Set<string>()
  const departmentOf = ({ organization, organization_id }: z.output<typeof hsdsService>): string => {
    const key = organization?.id ?? organization_id ?? ''
    const known = departments.get(key)
    if (known) return known.id
    const name = organization?.name ?? key
    const department = { id: unique(slug(name), ids), name }
    departments.set(key, department)
    return department.id
  }
  const serviceIds = new Set<string>()
  const services = active.map((service) => ({
    id: unique(slug(service.name), serviceIds),
    name: service.name,
    department: departmentOf(service),
    means: firstSentence(service.description ?? ''),
  }))
  const left = all.filter(({ status }) => status !== 'active').map(({ name }) => name)
  const notes = [
    `${path.basename(file)} is a service directory (HSDS). Put these departments and services into clearway.config.json.`,
    ...(left.length > 0 ? [`Left out, since they are not active: ${left.join(', ')}.`] : []),
  ]
  return { directory: { departments: [...departments.values()], services }, notes }
}

const slug = (words: string): string =>
  words
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'service'

/** The id, with a number behind it when it is taken. */
function unique(id: string, taken: Set<string>): string {
  let found = id
  for (let number = 2; taken.has(found); number++) found = `${id}-${number}`
  taken.add(found)
  return found
}

function firstSentence(text: string): string {
  const plain = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return (/^.*?[.!?](?=\s|$)/.exec(plain)?.[0] ?? plain).slice(0, 300)
}
