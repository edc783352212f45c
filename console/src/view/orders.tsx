import type { Model } from '../model'
import type { Placed } from '../shop/shop'
import { clock, duration, short } from './format'
import { useAction } from './use-action'

/** The orders of this page as they happen, newest first. */
export function Orders({ model: { shop, opened } }: { model: Model }) {
  const placed = shop.placed.items
  if (placed.length === 0)
    return <p class="hint">Sign up and order, or start the stream. Each order opens its timeline.</p>
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="List of orders">
      <table>
        <thead>
          <tr>
            <th scope="col">at</th>
            <th scope="col">order</th>
            <th scope="col">items</th>
            <th scope="col">status</th>
            <th scope="col">took</th>
            <th scope="col">
              <span class="unseen">cancel</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {placed.map((order) => (
            <Row key={order.key} order={order} shop={shop} open={() => (opened.value = order.key)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ order, shop, open }: { order: Placed; shop: Model['shop']; open: () => void }) {
  const { id, at, lines, status, attempts, tookMs, note } = order
  const cancel = useAction(() => shop.cancel(order))
  return (
    <tr class={status} data-order={id} data-status={status}>
      <td>{clock(at)}</td>
      <td>
        {id === undefined ? (
          '…'
        ) : (
          <button class="link" onClick={open} aria-label={`Timeline of order ${short(id)}`}>
            {short(id)}
          </button>
        )}
      </td>
      <td>{lines.map(({ productId, quantity }) => `${quantity} × ${productId}`).join(', ')}</td>
      <td>
        <span class={`status ${status}`}>{status}</span>
        {(status === 'sending' || status === 'refused') && note !== undefined && <small> {note}</small>}
        {attempts > 1 && <small> {attempts} attempts</small>}
      </td>
      <td>{tookMs === undefined ? '' : duration(tookMs)}</td>
      <td>
        {(status === 'confirmed' || status === 'pending') && (
          <button
            class="link"
            disabled={cancel.isBusy}
            onClick={cancel.onClick}
            aria-label={`Cancel order ${short(id ?? '')}`}
          >
            cancel
          </button>
        )}
        <cancel.Fault />
      </td>
    </tr>
  )
}
