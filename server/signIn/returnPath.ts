const nowhere = 'http://nowhere.invalid'

/** Where to go on after the sign-in: a path of ours, else the first page. An address of somebody else is never kept. */
export function returnPath(given: string | undefined): string {
  if (given === undefined || given.length > 1_500 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(given)) return '/'
  if (!URL.canParse(given, nowhere)) return '/'
  const { origin, pathname, search, hash } = new URL(given, nowhere)
  if (origin !== nowhere || pathname.startsWith('//') || /^\/sign-(in|out)(\/|$)/.test(pathname)) return '/'
  return `${pathname}${search}${hash}`
}
