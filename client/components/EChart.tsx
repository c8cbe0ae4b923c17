import { BarChart, CustomChart, LineChart } from 'echarts/charts'
import { GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { type EChartsType, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { createEffect, createSignal, onCleanup, onMount } from 'solid-js'
import type { Draw } from '../charts/draw.ts'
import { palette } from '../theme.ts'

use([
  BarChart,
  CustomChart,
  LineChart,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
])

/** The only file that talks to ECharts. The table of the figure says the same, so the drawing is hidden from screen readers. */
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
