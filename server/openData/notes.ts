import type { Published, Table } from '../releases/published.ts'
import { marks } from './marks.ts'

/** What readers of a file must know, in plain sentences: the same in every format. */
export function notes({ release, jurisdiction, services, hidden, publication }: Published): string[] {
  const { licence } = publication
  return [
    ...(jurisdiction.sample ? ['These figures are invented: they show what a release looks like.'] : []),
    `Release ${release.id}, made from the records as they were at ${release.as_of} (UTC).`,
    ...(release.reason ? [`Why it was made again: ${release.reason}`] : []),
    ...protection(services),
    `${hidden.cells} of ${hidden.of} figures are hidden.`,
    'Totals are rounded on their own, so parts may not add up to them.',
    ...Object.entries(marks).map(([mark, { means }]) => `[${mark}] ${means}`),
    'Text that a spreadsheet would run as a formula starts with an apostrophe.',
    `Licence: ${licence.title}, ${licence.url}`,
  ]
}

/** The same for one table: what it follows comes first. */
export const tableNotes = ({ framework }: Pick<Table, 'framework'>, published: Published) => [
  ...(framework ? [`Laid out as in: ${framework.name}, ${framework.url}`] : []),
  ...notes(published),
]

/** Each profile once. A hidden figure may be small itself or keep another from being worked out. */
function protection(services: Published['services']): string[] {
  const profiles = new Map(services.map(({ profile }) => [profile.name, profile]))
  return [...profiles.values()].map(({ name, k, base }) => {
    const rounded = base === 1 ? '' : ` All others are rounded to the nearest ${base}.`
    return `Profile "${name}": figures that could tell of fewer than ${k} people are hidden, and others that they could be worked out from.${rounded}`
  })
}

/** Who publishes, by name. */
export const publisherName = ({
  jurisdiction,
  publication,
}: Pick<Published, 'jurisdiction' | 'publication'>) => publication.publisher.name ?? jurisdiction.name

/** How to name the source, with its address for ever. */
export const citation = (published: Published) =>
  `${publisherName(published)}: ${published.release.title}. ${permalink(published.publication.address, published.release.id)}`

export const permalink = (address: string, release: string) => `${address}releases/${release}/`
