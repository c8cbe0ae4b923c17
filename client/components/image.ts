const drawn = [
  'fill',
  'stroke',
  'font-size',
  'font-weight',
  'font-family',
  'paint-order',
  'stroke-width',
] as const

/** Saves the chart of a figure as a PNG with its title, twice as dense as the screen. False when there is no chart. */
export async function saveImage(box: HTMLElement, title: string, fileName: string): Promise<boolean> {
  const shown = box.querySelector<SVGSVGElement>('.chart svg, .map-scroll svg')
  if (!shown) return false
  const { width, height } = shown.getBoundingClientRect()
  const svg = shown.cloneNode(true) as SVGSVGElement
  // An image stands alone: what the style sheet says must be written into it.
  const originals = shown.querySelectorAll<SVGElement>('*')
  svg.querySelectorAll<SVGElement>('*').forEach((element, index) => {
    const original = originals[index]
    if (!original) return
    const style = getComputedStyle(original)
    for (const name of drawn) element.style.setProperty(name, style.getPropertyValue(name))
  })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('width', `${width}`)
  svg.setAttribute('height', `${height}`)

  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`
  await image.decode()
  const head = 56
  const canvas = document.createElement('canvas')
  canvas.width = (width + 32) * 2
  canvas.height = (height + head + 16) * 2
  const paint = canvas.getContext('2d')
  if (!paint) return false
  const style = getComputedStyle(box)
  paint.scale(2, 2)
  paint.fillStyle = style.backgroundColor
  paint.fillRect(0, 0, canvas.width, canvas.height)
  paint.fillStyle = style.color
  paint.font = `600 18px ${style.fontFamily}`
  paint.fillText(title, 16, 34, width)
  paint.drawImage(image, 16, head, width, height)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
  if (!blob) return false
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = fileName
  link.click()
  URL.revokeObjectURL(link.href)
  return true
}
