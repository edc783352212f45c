import type { Model } from '../model'
import { count } from './format'

const names = ['acknowledged', 'confirmed', 'pending', 'rejected', 'cancelled', 'lost', 'doubled'] as const

/** What became of the orders that the services acknowledged to this page. */
export function Count({ model: { shop } }: { model: Model }) {
  const counts = shop.counts.value
  return (
    <section aria-label="Orders of this page">
      <dl class="count">
        {names.map((name) => {
          const isFault = name === 'lost' || name === 'doubled'
          const look = isFault ? (counts[name] > 0 ? 'bad' : 'good') : ''
          return (
            <div key={name} class={look} data-count={name}>
              <dt>{name}</dt>
              <dd>{count(counts[name])}</dd>
            </div>
          )
        })}
      </dl>
    </section>
  )
}
