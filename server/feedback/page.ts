import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { commentCharacters } from '../../pipelines/streams.ts'
import plainCss from '../plain.css?raw'
import formCss from './form.css?raw'
import { driverNames, type FieldName, type Mistake, type Typed } from './questions.ts'
import type { Texts } from './texts/en.ts'
import { type Language, languages, languageTags } from './texts/languages.ts'

type Html = ReturnType<typeof html>
const css = `${plainCss}${formCss}`
export type End = keyof Texts['ends']

/** What the one style of the pages is known by in the content security policy. */
export const styleHash = `sha256-${createHash('sha256').update(css).digest('base64')}`

const filled = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))

/** Everything a person wrote goes through `html`, which escapes it: it is shown as it was typed, and does nothing. */
const page = (language: Language, title: string, content: Html): Html => html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${raw(css)}</style>
</head>
<body><main>${content}</main></body>
</html>`

/** One page of a heading and a sentence. */
export function endPage(language: Language, end: End): Html {
  const { title, text } = languages[language].ends[end]
  return page(language, title, html`<h1>${title}</h1><p>${filled(text, { most: commentCharacters })}</p>`)
}

type Form = { language: Language; service: string; typed?: Typed; mistakes?: Mistake[] }

/** The form, with what was typed before and what is wrong with it. */
export function formPage({ language, service, typed = {}, mistakes = [] }: Form): Html {
  const texts = languages[language]
  const title = filled(texts.title, { service })
  const wrong = new Map(mistakes.map((mistake) => [mistake.field, sentence(texts, typed, mistake)]))
  const others = languageTags.filter((tag) => tag !== language)
  return page(
    language,
    mistakes.length > 0 ? `${texts.mistakes.prefix} ${title}` : title,
    html`<h1>${title}</h1>
<p>${filled(texts.lead, { service })}</p>
${summary(texts, wrong)}
<form method="post" action="?lang=${language}" novalidate>
${rating(texts, typed, wrong)}
${driverQuestions(texts, typed, wrong)}
${recommend(texts, typed, wrong)}
${comment(texts, typed, wrong)}
<p><button type="submit">${texts.send}</button></p>
</form>
<footer><p>${texts.privacy}</p>
<p>${others.map((tag) => html`<a href="?lang=${tag}" lang="${tag}" hreflang="${tag}">${languages[tag].language}</a>`)}</p></footer>`,
  )
}

type Wrong = Map<FieldName, string>

function sentence(texts: Texts, typed: Typed, { field, why }: Mistake): string {
  const count = [...(typed.comment ?? '')].length
  return filled(texts.mistakes[why], { field: askOf(texts, field), count, most: commentCharacters })
}

function askOf(texts: Texts, field: FieldName): string {
  if (field === 'rating' || field === 'recommend' || field === 'comment') return texts[field].ask
  return texts.drivers[field]
}

/** Where the browser has to go for a mistake: the first control of the question. */
const placeOf = (field: FieldName): string =>
  field === 'rating' ? 'rating-5' : field === 'recommend' ? 'recommend-0' : field

const summary = (texts: Texts, wrong: Wrong): Html | string =>
  wrong.size === 0
    ? ''
    : html`<div class="summary" role="alert"><h2>${texts.mistakes.title}</h2><ul>
${[...wrong].map(([field, text]) => html`<li><a href="#${placeOf(field)}">${text}</a></li>`)}</ul></div>`

const mistake = (wrong: Wrong, field: FieldName): Html | string =>
  wrong.has(field) ? html`<p class="mistake" id="${field}-mistake">${wrong.get(field)}</p>` : ''

/** The ids of what describes a control. */
const describedBy = (wrong: Wrong, field: FieldName, hint?: string): Html | string => {
  const ids = [...(hint ? [hint] : []), ...(wrong.has(field) ? [`${field}-mistake`] : [])]
  return ids.length > 0 ? html` aria-describedby="${ids.join(' ')}"` : ''
}

const radio = (name: FieldName, value: string, label: string, typed: Typed): Html =>
  html`<div class="choice"><input type="radio" id="${name}-${value}" name="${name}" value="${value}"${typed[name] === value ? html` checked` : ''}><label for="${name}-${value}">${label}</label></div>`

const rating = (texts: Texts, typed: Typed, wrong: Wrong): Html =>
  html`<fieldset class="question"${describedBy(wrong, 'rating')}><legend>${texts.rating.ask}</legend>${mistake(wrong, 'rating')}
${(['5', '4', '3', '2', '1', 'none'] as const).map((value) => radio('rating', value, texts.rating[value], typed))}</fieldset>`

const driverQuestions = (texts: Texts, typed: Typed, wrong: Wrong): Html =>
  html`<fieldset class="question"><legend>${texts.drivers.ask}</legend><p class="hint">${texts.drivers.hint}</p>
${driverNames.map(
  (
    name,
  ) => html`<div class="driver"><label for="${name}">${texts.drivers[name]}</label>${mistake(wrong, name)}
<select id="${name}" name="${name}"${describedBy(wrong, name)}><option value="">${texts.drivers.empty}</option>
${(['5', '4', '3', '2', '1'] as const).map((value) => html`<option value="${value}"${typed[name] === value ? html` selected` : ''}>${texts.drivers[value]}</option>`)}</select></div>`,
)}</fieldset>`

const recommend = (texts: Texts, typed: Typed, wrong: Wrong): Html =>
  html`<fieldset class="question"${describedBy(wrong, 'recommend', 'recommend-hint')}><legend>${texts.recommend.ask}</legend><p class="hint" id="recommend-hint">${texts.recommend.hint}</p>${mistake(wrong, 'recommend')}
<div class="scale">${Array.from({ length: 11 }, (_, value) => radio('recommend', String(value), String(value), typed))}</div></fieldset>`

const comment = (texts: Texts, typed: Typed, wrong: Wrong): Html =>
  html`<div class="question"><label class="ask" for="comment">${texts.comment.ask}</label>
<p class="hint" id="comment-hint">${filled(texts.comment.hint, { most: commentCharacters })}</p>${mistake(wrong, 'comment')}
<textarea id="comment" name="comment" rows="5"${describedBy(wrong, 'comment', 'comment-hint')}>${typed.comment ? html`\n${typed.comment}` : ''}</textarea></div>`
