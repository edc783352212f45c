import { useSignal, type Signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { NoResponse } from '../api/http'
import { list, stepIn, Unexpected, type Step } from '../api/parse'
import type { Model } from '../model'
import { repeat } from '../pause'
import type { Placed } from '../shop/shop'
import { Dialog } from './dialog'
import { clock, short } from './format'
import { Waterfall } from './waterfall'

/** One order, followed through both services. */
export function OrderDialog({ model }: { model: Model }) {
  const { shop, opened } = model
  const placed = shop.placed.items.find(({ key }) => key === opened.value)
  const last = useSignal(placed)
  if (placed) last.value = placed // it may leave the list while it is open
  const order = last.value
  if (opened.value === undefined || order?.id === undefined) return null
  return (
    <Dialog title={`Order ${short(order.id)}`} onClose={() => (opened.value = undefined)}>
      <Timeline model={model} order={order} id={order.id} />
    </Dialog>
  )
}

function Timeline({ model, order, id }: { model: Model; order: Placed; id: string }) {
  const steps = useSignal<readonly Step[]>([])
  const fault = useSignal<string | undefined>(undefined)
  useEffect(() => repeat(1000, () => read(model, order, id, { steps, fault })), [id])
  return (
    <>
      <p>
        <code>{id}</code>, ordered with the key <code>{order.key}</code>,{' '}
        {order.attempts === 1 ? 'sent once' : `sent ${order.attempts} times`}.
      </p>
      <ol class="timeline">
        {steps.value.map(({ at, status, detail }) => (
          <li key={`${at} ${detail}`}>
            <time>{clock(at)}</time> <span class={`status ${status}`}>{status}</span> {detail}
          </li>
        ))}
      </ol>
      {fault.value !== undefined && <p class="notice">Not read just now: {fault.value}</p>}
      <Waterfall model={model} order={order} id={id} />
    </>
  )
}

interface Shown {
  steps: Signal<readonly Step[]>
  fault: Signal<string | undefined>
}

async function read({ api }: Model, { customer }: Placed, id: string, { steps, fault }: Shown): Promise<void> {
  try {
    const token = await customer.token()
    const request = {
      service: 'order-service',
      method: 'GET',
      path: `/orders/${id}/timeline`,
      token,
      isPoll: true,
    } as const
    const { status, body } = await api.call(request)
    if (status !== 200) throw new Unexpected(`a timeline (${status})`)
    steps.value = list(body, stepIn)
    fault.value = undefined
  } catch (error) {
    if (!(error instanceof NoResponse) && !(error instanceof Unexpected)) throw error
    fault.value = error.message
  }
}
