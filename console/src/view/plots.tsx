import type { Model } from '../model'
import { bucketMs, buckets, type Point } from '../watch/series'
import { duration } from './format'

const width = 300
const height = 56

/** Rates and latencies of this page's orders in the last minutes. */
export function Plots({ model: { shop } }: { model: Model }) {
  const points = shop.responses.points.value
  const perSecond = ({ count }: Point) => (count * 1000) / bucketMs
  const last = points.at(-1)
  return (
    <div class="plots">
      <Plot title="Responses a second" now={last ? perSecond(last).toFixed(1) : ''} lines={[points.map(perSecond)]} />
      <Plot
        title="Time to a response, p50 and p99"
        now={last && last.count > 0 ? `${duration(last.p50)}, ${duration(last.p99)}` : 'none'}
        lines={[points.map(({ p99 }) => p99), points.map(({ p50 }) => p50)]}
      />
    </div>
  )
}

function Plot({ title, now, lines }: { title: string; now: string; lines: readonly (readonly number[])[] }) {
  const top = Math.max(1, ...lines.flat())
  return (
    <figure>
      <figcaption>
        {title} <output>{now}</output>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${now}`}>
        {lines.map((line, index) => (
          <polyline
            key={index}
            class={`line-${index}`}
            points={line
              .map((value, x) => `${(x * width) / (buckets - 1)},${height - 2 - (value * (height - 6)) / top}`)
              .join(' ')}
          />
        ))}
      </svg>
    </figure>
  )
}
