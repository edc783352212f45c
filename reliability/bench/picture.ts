import { shopNames } from './shop-names'
import type { Summary } from './summary'

interface Bar {
  label: string
  value: number
  text: string
  isOurs: boolean
}

interface Panel {
  title: string
  bars: Bar[]
}

const width = 800
const labelWidth = 190
const barWidth = 320
const barHeight = 20
const lineHeight = 28
const panelGap = 26

/** An SVG that follows the reader's colour scheme, and needs nothing but itself. */
export function pictureOf(summary: Summary, measured: string): string {
  const panels = panelsOf(summary)
  let y = 30
  const drawn = panels.map((panel) => {
    const top = y
    y += lineHeight * (panel.bars.length + 1) + panelGap
    return drawPanel(panel, top)
  })
  const description = panels
    .map(({ title, bars }) => `${title}: ${bars.map(({ label, text }) => `${label} ${text}`).join('; ')}.`)
    .join(' ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 6}" width="${width}" height="${y + 6}" role="img" aria-labelledby="title description">
<title id="title">Tandem beside two yardsticks</title>
<desc id="description">${escape(description)}</desc>
<style>
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .note { font-size: 12px; fill: #59636e }
  .background { fill: #ffffff }
  .bar { fill: #afb8c1 }
  .ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .background { fill: #0d1117 }
    .bar { fill: #565f69 }
    .ours { fill: #4493f8 }
  }
</style>
<rect class="background" width="${width}" height="${y + 6}"/>
${drawn.join('\n')}
<text class="note" x="20" y="${y - 10}">${escape(measured)}</text>
</svg>
`
}

function panelsOf({ shops, ratios, growth }: Summary): Panel[] {
  const labels = { naive: 'naive, in memory', floor: 'floor, on disk', tandem: 'Tandem' }
  const panel = (title: string, figure: string, valueOf: (name: (typeof shopNames)[number]) => number): Panel => ({
    title,
    bars: shopNames.map((name) => {
      const ratio = ratios.find((it) => it.figure === figure)
      const isOurs = name === 'tandem'
      const compared =
        isOurs && ratio ? ` (${ratio.toNaive.toFixed(2)} × naive, ${ratio.toFloor.toFixed(2)} × floor)` : ''
      return { label: labels[name], value: valueOf(name), text: grouped(valueOf(name)) + compared, isOurs }
    }),
  })
  const panels = [
    panel('POST /orders, a second', 'POST a second', (name) => shops[name].post.rate),
    panel('GET /orders/:id, a second', 'GET a second', (name) => shops[name].get.rate),
  ]
  if (growth.length > 0)
    panels.push({
      title: 'Tandem: POST /orders a second, by orders stored beforehand',
      bars: growth.map(({ orders, post, postRatio }) => ({
        label: grouped(orders),
        value: post.rate,
        text: `${grouped(post.rate)} (${postRatio.toFixed(2)} × the first)`,
        isOurs: true,
      })),
    })
  return panels
}

function drawPanel({ title, bars }: Panel, top: number): string {
  const max = Math.max(...bars.map(({ value }) => value))
  const drawn = bars.map(({ label, value, text, isOurs }, i) => {
    const y = top + lineHeight * (i + 1) - 14
    const length = ((value / max) * barWidth).toFixed(1)
    return `<text x="20" y="${y + 15}">${escape(label)}</text>
<rect class="${isOurs ? 'ours' : 'bar'}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}"/>
<text x="${labelWidth + Number(length) + 8}" y="${y + 15}">${escape(text)}</text>`
  })
  return `<text class="title" x="20" y="${top}">${escape(title)}</text>\n${drawn.join('\n')}`
}

function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
