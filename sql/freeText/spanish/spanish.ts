import { anyOf, between, capitalised, type FreeTextLanguage, start } from '../rule.ts'

const names = anyOf(
  'María Maria José Jose Juan Carlos Luis Miguel Ana Carmen Lucía Lucia Pedro Javier Antonio Francisco Manuel Isabel Pilar Rosa Teresa Fernando Alejandro Sofía Sofia Diego Pablo Jesús Marta Elena Raúl Sergio Andrés Guadalupe Rafael',
)
const title = anyOf('Sr Sra Srta Señor Señora Señorita Don Doña Dr Dra Licenciado Licenciada')
const street = anyOf('calle avenida avda plaza paseo camino carretera')

/** Small, and complete enough to show what another language takes: its own names, titles, addresses and words. */
export const spanish: FreeTextLanguage = {
  tag: 'es',
  rules: [
    { pattern: String.raw`\b\d{8}-?[A-Z]\b`, put: '[id]' },
    {
      pattern: String.raw`(?i)(expediente|referencia|solicitud|factura|cuenta)((?:[ ](?:n[.ºo°]*|número))?)[ :#]*[a-z]{0,4}[-/]?\d[\w/-]{2,}`,
      put: String.raw`\1\2 [id]`,
    },
    {
      pattern: `(?i:\\b${street})[ ](?:(?:de|del|la|las|los|el)[ ])*${capitalised}(?:${between}${capitalised}){0,3},?[ ](?:n[.ºo°]*[ ]?)?\\d+[A-Za-z]?`,
      put: '[address]',
    },
    {
      pattern: `${start}${title}\\.?[ ]+${capitalised}(?:${between}${capitalised}){0,2}`,
      put: String.raw`\1[name]`,
    },
    {
      pattern: `${start}((?i:me llamo|mi nombre es|se llama|mi vecin[oa]|mi marido|mi mujer|mi hij[oa]|soy)),?[ ]${capitalised}(?:${between}${capitalised}){0,2}`,
      put: String.raw`\1\2 [name]`,
    },
    { pattern: `${start}${names}(?:${between}${capitalised}){0,3}`, put: String.raw`\1[name]` },
  ],
  themes: {
    waiting: [
      'esper*',
      'cola',
      'colas',
      'tard*',
      'demora*',
      'lento*',
      'lenta*',
      'rápid*',
      'semanas',
      'meses',
    ],
    staff: ['amable*', 'personal', 'funcionari*', 'grosero*', 'grosera*', 'trato', 'atendi*', 'respeto'],
    information: ['información', 'informaron', 'explic*', 'claro', 'confuso', 'confusa', 'entend*'],
    communication: ['llam*', 'teléfono', 'carta*', 'correo*', 'respuesta*', 'contest*', 'avis*'],
    digital: ['web', 'internet', 'en línea', 'aplicación', 'página', 'contraseña'],
    forms: ['formulario*', 'papeles', 'documento*', 'trámite*', 'burocracia', 'firma*'],
    place: ['edificio', 'oficina', 'horario*', 'cerrad*', 'aparcamiento', 'accesib*'],
    cost: ['cost*', 'tasa', 'tasas', 'precio*', 'caro', 'cara', 'pagar', 'pago', 'dinero', 'multa*'],
    decision: ['decisión', 'denega*', 'rechaz*', 'aprob*', 'injust*', 'recurso', 'recurrir'],
    quality: ['error*', 'equivoc*', 'mal hecho', 'arregl*', 'otra vez', 'repar*'],
  },
}
