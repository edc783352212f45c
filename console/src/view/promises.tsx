import type { Model } from '../model'
import { count } from './format'

interface Promise {
  name: string
  title: string
  /** `wait`: cannot be said at the moment. */
  state: 'holds' | 'broken' | 'wait'
  detail: string
}

/** By default an order that cannot be settled is cancelled after 10 minutes. */
const longestMs = 11 * 60_000

const marks = { holds: '✓', broken: '✕', wait: '…' }

/** What must hold at all times, checked every second. */
export function Promises({ model }: { model: Model }) {
  const { shop } = model
  const fault = shop.checkFault.value
  return (
    <section aria-label="What must hold">
      <ul class="promises">
        {promises(model).map(({ name, title, state, detail }) => (
          <li key={name} class={state} data-promise={name} data-state={state}>
            <span class="mark" aria-hidden="true">
              {marks[state]}
            </span>
            <div>
              <strong>{title}</strong>
              <small>{state === 'broken' ? `broken: ${detail}` : detail}</small>
            </div>
          </li>
        ))}
      </ul>
      {fault !== undefined && (
        <p class="notice" role="status">
          Not checked just now: {fault}. The last figures are shown.
        </p>
      )}
    </section>
  )
}

function promises({ shop, monitors }: Model): Promise[] {
  const canCheck = shop.checkFault.value === undefined
  const canSettle =
    monitors['user-service'].seen.value.state === 'up' &&
    !monitors['order-service'].status?.circuits.some(({ state }) => state === 'open')
  const counts = shop.counts.value
  const { agree, differ } = shop.credit.value
  const { checked, lost, doubled, pending } = counts
  const oldest = shop.oldestUnfinishedAt.value
  const isStuck = canSettle && oldest !== undefined && Date.now() - oldest > longestMs
  const found = (faults: number) => (faults > 0 ? 'broken' : checked > 0 && canCheck ? 'holds' : 'wait')
  const wasChecked = `${count(checked)} checked`
  return [
    {
      name: 'lost',
      title: 'No acknowledged order is lost',
      state: found(lost),
      detail: lost > 0 ? `${count(lost)} lost` : wasChecked,
    },
    {
      name: 'doubled',
      title: 'No retry makes a second order',
      state: found(doubled),
      detail: doubled > 0 ? `${count(doubled)} doubled` : wasChecked,
    },
    {
      name: 'credit',
      title: 'Credit agrees to the cent',
      state: differ > 0 ? 'broken' : agree > 0 && canCheck ? 'holds' : 'wait',
      detail: differ > 0 ? `customers that differ: ${count(differ)}` : `customers checked: ${count(agree)}`,
    },
    {
      name: 'settled',
      title: 'Every order settles',
      state: isStuck ? 'broken' : checked > 0 && pending === 0 && canCheck ? 'holds' : 'wait',
      detail: pending > 0 ? `${count(pending)} wait for user-service` : 'none is waiting',
    },
  ]
}
