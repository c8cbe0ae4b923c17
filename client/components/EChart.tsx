import { createEffect, createSignal, onCleanup, onMount } from 'solid-js'
import type { Draw } from '../../server/charts/draw.ts'
import { type EChartsType, init } from '../../server/charts/echarts.ts'
import { palette } from '../theme.ts'

/** A chart in the page. The table of the figure says the same, so the drawing is hidden from screen readers. */
export default function EChart(props: { draw: Draw; height: number }) {
  let box!: HTMLDivElement
  const [width, setWidth] = createSignal(0)
  onMount(() => {
    setWidth(box.clientWidth)
    const watched = new ResizeObserver(() => setWidth(box.clientWidth))
    watched.observe(box)
    let chart: EChartsType | undefined
    createEffect(() => {
      const size = { width: width(), height: props.height }
      if (size.width === 0) return
      chart ??= init(box, undefined, { renderer: 'svg', ...size })
      chart.resize(size)
      chart.setOption({ animation: false, ...props.draw(palette(), size.width) }, { notMerge: true })
      chart.getZr().flush()
    })
    onCleanup(() => {
      watched.disconnect()
      chart?.dispose()
    })
  })
  return <div ref={box} class="chart" style={{ height: `${props.height}px` }} aria-hidden="true" />
}
