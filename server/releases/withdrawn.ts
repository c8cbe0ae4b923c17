import type { Config } from '../../sql/config.ts'
import type { File, ReleaseHead } from './published.ts'
import { whenWords } from './when.ts'

const asText = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** What stands at the address of a withdrawn release from then on: a page and the same as plain text. */
export function withdrawnFiles(
  { id, title }: ReleaseHead,
  { since, reason }: { since: string; reason: string },
  { jurisdiction, publication }: Config,
): File[] {
  const { contact, email } = publication.publisher
  const sentences = [
    `This release was withdrawn at ${whenWords(since, jurisdiction.time_zone)} (${jurisdiction.time_zone}).`,
    `Why: ${reason}`,
    'Its pages and files are no longer here. Please do not use copies of them.',
    ...(contact || email ? [`Whom to ask: ${[contact, email].filter(Boolean).join(', ')}`] : []),
  ]
  const root = new URL(publication.address).pathname
  const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Withdrawn: ${asText(title)} · ${asText(jurisdiction.name)}</title>
<link rel="stylesheet" href="${asText(root)}site.css">
</head>
<body>
<main>
<h1>${asText(title)}: withdrawn</h1>
${sentences.map((sentence) => `<p>${asText(sentence)}</p>`).join('\n')}
<p><a href="${root}releases.html">All releases</a></p>
</main>
</body>
</html>
`
  return [
    { path: `releases/${id}/index.html`, body: page },
    { path: `releases/${id}/withdrawn.txt`, body: `${[`${title} (${id})`, ...sentences].join('\n')}\n` },
  ]
}
