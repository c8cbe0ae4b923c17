import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino'

/** Fields that open something, wherever in what is told they stand. */
const secret = [
  'authorization',
  'cookie',
  'set-cookie',
  'token',
  'password',
  'secret',
  'id_token',
  'x-api-key',
]
const depths = ['', '*.', '*.*.']

/**
 * The log of a running server, as JSON lines. Nothing in it opens anything or names a case: fields with secrets are hidden, addresses are told by
 * their pattern, and the engine's errors without the values that were asked for.
 */
export const openLog = (level: string, to: DestinationStream = destination(2)): Logger =>
  pino(
    {
      level,
      redact: {
        paths: depths.flatMap((depth) => secret.map((name) => `${depth}["${name}"]`.replace(/\.\[/, '['))),
        censor: '[hidden]',
      },
      serializers: { err: withoutValues },
    },
    to,
  )

/** The engine quotes what it was asked for, and the statement around it. */
function withoutValues(error: unknown) {
  const told = stdSerializers.err(error as Error)
  if (!(error instanceof Error) || !('type' in error || /DB::Exception/.test(error.message))) return told
  const clean = (text: string) =>
    text.replace(/'(?:[^'\\]|\\.)*'/g, "'…'").replace(/: (In scope|While executing).*/gis, '')
  return { ...told, message: clean(told.message), stack: clean(told.stack ?? '') }
}
