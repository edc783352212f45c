import { useSignal } from '@preact/signals'
import type { Model } from '../model'
import { newId } from '../new-id'
import { money } from './format'
import { useAction } from './use-action'

/** Signs up, and places orders: by hand, or as a stream. */
export function ShopPanel({ model: { shop, products, stream } }: { model: Model }) {
  return (
    <>
      {shop.me.value ? <OrderForm shop={shop} products={products} /> : <SignUpForm shop={shop} />}
      <StreamForm stream={stream} />
    </>
  )
}

function SignUpForm({ shop }: Pick<Model, 'shop'>) {
  const name = useSignal('Ada')
  const email = useSignal(`ada-${newId().slice(0, 8)}@example.com`)
  const signUp = useAction(async () => {
    shop.me.value = await shop.signUp({ name: name.value, email: email.value })
  })
  return (
    <form class="row" onSubmit={signUp.onSubmit}>
      <label>
        Name{' '}
        <input
          required
          maxLength={100}
          value={name}
          onInput={({ currentTarget }) => (name.value = currentTarget.value)}
        />
      </label>
      <label>
        E-mail{' '}
        <input
          required
          type="email"
          value={email}
          onInput={({ currentTarget }) => (email.value = currentTarget.value)}
        />
      </label>
      <button class="primary" disabled={signUp.isBusy}>
        Sign up
      </button>
      <signUp.Fault />
    </form>
  )
}

function OrderForm({ shop, products }: Pick<Model, 'shop' | 'products'>) {
  const productId = useSignal('cable')
  const quantity = useSignal(1)
  const me = shop.me.value
  if (!me) return null
  const product = products.value.find(({ id }) => id === productId.value)
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault()
        void shop.order(me, [{ productId: productId.value, quantity: quantity.value }])
      }}
    >
      <label>
        Product{' '}
        <select value={productId} onChange={({ currentTarget }) => (productId.value = currentTarget.value)}>
          {products.value.map(({ id, name, priceCents }) => (
            <option key={id} value={id}>{`${name}, ${money(priceCents)}`}</option>
          ))}
        </select>
      </label>
      <label>
        Quantity{' '}
        <input
          type="number"
          min={1}
          max={1000}
          required
          value={quantity}
          onInput={({ currentTarget }) => (quantity.value = currentTarget.valueAsNumber)}
        />
      </label>
      <button class="primary">Order{product ? ` for ${money(product.priceCents * quantity.value)}` : ''}</button>
      <p class="hint">
        {me.name} had a credit of {money(me.startCents)}, and has spent {money(shop.spentCents.value)}.{' '}
        <button type="button" class="link" onClick={() => ((me.isDismissed = true), (shop.me.value = undefined))}>
          Sign up somebody else
        </button>
      </p>
    </form>
  )
}

function StreamForm({ stream }: Pick<Model, 'stream'>) {
  const chosen = useSignal(5)
  const isOn = stream.perSecond.value > 0
  const choose = (rate: number) => {
    chosen.value = rate
    if (isOn) stream.perSecond.value = rate
  }
  return (
    <div class="row">
      <label>
        A stream of <output>{chosen}</output> orders a second{' '}
        <input
          type="range"
          min={1}
          max={50}
          value={chosen}
          onInput={({ currentTarget }) => choose(currentTarget.valueAsNumber)}
        />
      </label>
      <button aria-pressed={isOn} onClick={() => (stream.perSecond.value = isOn ? 0 : chosen.value)}>
        {isOn ? 'Stop the stream' : 'Start the stream'}
      </button>
      {isOn && stream.fault.value !== undefined && <p class="notice">No new customer just now: {stream.fault.value}</p>}
    </div>
  )
}
