import { signal } from '@preact/signals-core'
import type { Customer } from './customer'
import type { Shop } from './shop'
import { newId } from '../new-id'
import { repeat } from '../pause'

const turnMs = 100
// A browser keeps six connections to an origin: two are left for everything else.
const maxAtOnce = 4
/** Customers are signed up for so many seconds ahead: while user-service is away, nobody can sign up. */
const aheadSeconds = 60
/** Of one customer, so that one page lists them. */
const maxOrders = 100
const line = { productId: 'cable', quantity: 1 }

/** Places orders at a chosen rate, each for a customer that has the credit for it. */
export class Stream {
  /** Orders a second; 0 while there are none. */
  readonly perSecond = signal(0)
  /** Why there is no new customer to order. */
  readonly fault = signal<string | undefined>(undefined)
  readonly #customers: { customer: Customer; left: number }[] = []
  #due = 0
  #atOnce = 0

  constructor(
    private readonly shop: Shop,
    private readonly priceCents: () => number | undefined,
  ) {}

  start(): () => void {
    const stops = [repeat(turnMs, async () => this.#turn()), repeat(2 * turnMs, () => this.#signUpAhead())]
    return () => stops.forEach((stop) => stop())
  }

  #turn(): void {
    const perSecond = this.perSecond.value
    this.#due = Math.min(this.#due + (perSecond * turnMs) / 1000, perSecond)
    for (; this.#due >= 1 && this.#atOnce < maxAtOnce; this.#due -= 1) {
      const next = this.#customers[0]
      if (!next) return
      this.#atOnce += 1
      void this.shop.order(next.customer, [line]).finally(() => (this.#atOnce -= 1))
      next.left -= 1
      if (next.left === 0) {
        this.#customers.shift()
        next.customer.isDismissed = true
      }
    }
  }

  async #signUpAhead(): Promise<void> {
    const priceCents = this.priceCents()
    const ahead = this.#customers.reduce((orders, { left }) => orders + left, 0)
    if (priceCents === undefined || ahead >= this.perSecond.value * aheadSeconds) return
    const name = `Customer ${Math.floor(Math.random() * 9000) + 1000}`
    try {
      const customer = await this.shop.signUp({ name, email: `${newId()}@example.com` })
      this.#customers.push({
        customer,
        left: Math.min(maxOrders, Math.max(1, Math.floor(customer.startCents / priceCents))),
      })
      this.fault.value = undefined
    } catch (error) {
      this.fault.value = error instanceof Error ? error.message : String(error)
    }
  }
}
