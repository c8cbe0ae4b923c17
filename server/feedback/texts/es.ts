import type { Texts } from './en.ts'

/** What the feedback form says, in Spanish. */
export const es: Texts = {
  language: 'Español',
  title: '¿Qué tal fue? {service}',
  lead: 'Cuéntenos cómo le fue con {service}. Lleva más o menos un minuto. Solo la primera pregunta es obligatoria.',
  rating: {
    ask: 'En general, ¿qué grado de satisfacción tiene?',
    5: 'Muy satisfecho',
    4: 'Satisfecho',
    3: 'Ni satisfecho ni insatisfecho',
    2: 'Insatisfecho',
    1: 'Muy insatisfecho',
    none: 'No tengo opinión',
  },
  drivers: {
    ask: '¿Qué funcionó bien y qué no?',
    hint: 'Deje en blanco lo que no corresponda.',
    empty: 'Sin respuesta',
    5: 'Totalmente de acuerdo',
    4: 'De acuerdo',
    3: 'Ni de acuerdo ni en desacuerdo',
    2: 'En desacuerdo',
    1: 'Totalmente en desacuerdo',
    effectiveness: 'Obtuve lo que necesitaba.',
    ease: 'Fue fácil hacer lo que tenía que hacer.',
    speed: 'Llevó un tiempo razonable.',
    transparency: 'Siempre supe cuál era el paso siguiente.',
    humanity: 'Me trataron con respeto.',
    employee: 'Las personas que me atendieron me ayudaron.',
    trust: 'Confío en este servicio más que antes.',
  },
  recommend: {
    ask: '¿Qué probabilidad hay de que recomiende esta forma de hacerlo?',
    hint: '0 es nada probable, 10 es muy probable.',
  },
  comment: {
    ask: '¿Qué deberíamos saber?',
    hint: 'Por favor, no nombre a nadie ni dé direcciones, números u otros datos que muestren quién es. Como máximo {most} caracteres.',
  },
  send: 'Enviar',
  privacy: 'Sin cookies. Lo que escriba se lee sin nombres, números ni direcciones: se eliminan.',
  mistakes: {
    title: 'Falta algo o hay un error',
    prefix: 'Error:',
    missing: 'Elija su grado de satisfacción, o que no tiene opinión.',
    not_a_choice: 'Elija una de las respuestas: {field}',
    too_long: 'Su texto tiene {count} caracteres; como máximo son posibles {most}. Acórtelo un poco.',
  },
  ends: {
    thanks: { title: 'Gracias', text: 'Tenemos su respuesta. Puede cerrar esta página.' },
    answered: {
      title: 'Ya ha respondido',
      text: 'Tenemos una respuesta para este enlace y cada enlace cuenta una vez. Gracias; no tiene que hacer nada más.',
    },
    unknown: {
      title: 'Este enlace no funciona',
      text: 'Puede que esté cortado o mal escrito. Ábralo de nuevo desde el mensaje o escanee otra vez el código.',
    },
    expired: {
      title: 'Este enlace ha caducado',
      text: 'Las respuestas se recogieron durante un tiempo limitado. Gracias por su interés; su próxima solicitud traerá un enlace nuevo.',
    },
    too_large: {
      title: 'Era demasiado texto',
      text: 'No se pudo leer la respuesta. Vuelva atrás, acorte su texto a {most} caracteres y envíelo de nuevo.',
    },
    not_a_form: {
      title: 'No se pudo leer',
      text: 'Solo se aceptan respuestas del formulario. Abra de nuevo su enlace y envíe el formulario.',
    },
    too_often: {
      title: 'Demasiadas respuestas a la vez',
      text: 'Han llegado muchas respuestas desde su conexión. Espere un minuto, vuelva atrás y envíela de nuevo.',
    },
    later: {
      title: 'Inténtelo de nuevo en un momento',
      text: 'No se pudo guardar su respuesta ahora. Vuelva atrás y envíela de nuevo; en su página no se pierde nada.',
    },
  },
}
