declare const __CLEARWAY_VERSION__: string | undefined
declare const __CLEARWAY_BUILD__: string | undefined

export const version = typeof __CLEARWAY_VERSION__ === 'string' ? __CLEARWAY_VERSION__ : '0.0.0'

/** Names the sources this was built from: another build may compute an answer differently. */
export const build = typeof __CLEARWAY_BUILD__ === 'string' ? __CLEARWAY_BUILD__ : 'dev'
