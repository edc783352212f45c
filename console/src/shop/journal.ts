import type { Order, OrderStatus } from '../api/parse'

export interface Counts extends Record<Exclude<OrderStatus, 'cancelling'>, number> {
  acknowledged: number
  /** How many of them were looked for in the list. */
  checked: number
  lost: number
  doubled: number
}

export const noCounts: Readonly<Counts> = {
  acknowledged: 0,
  checked: 0,
  confirmed: 0,
  pending: 0,
  rejected: 0,
  cancelled: 0,
  lost: 0,
  doubled: 0,
}

export function sum(all: Iterable<Readonly<Counts>>): Counts {
  const total = { ...noCounts }
  for (const counts of all) for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name]
  return total
}

type Listed = Pick<Order, 'id' | 'status' | 'totalCents'>

/**
 * What one customer was told of its orders, checked against what order-service lists for it. An acknowledged order that is
 * not listed is lost; a listed one that no request accounts for is doubled: only this page orders for the customer.
 */
export class Journal {
  #nextRequest = 0
  readonly #open = new Set<number>()
  readonly #acknowledged = new Map<string, OrderStatus>()
  /** When the unfinished ones were acknowledged, oldest first. */
  readonly #unfinished = new Map<string, number>()
  /** Orders that were listed and not acknowledged, with the number of the first request that cannot have made it. */
  readonly #unaccounted = new Map<string, number>()
  #checked = 0
  #lost: readonly string[] = []
  #confirmedCents = 0

  constructor(private readonly now: () => number = Date.now) {}

  /** A request that may make an order, repeated until there is a response, begins. */
  begin(): number {
    const request = this.#nextRequest++
    this.#open.add(request)
    return request
  }

  /** The request's response names its order. */
  acknowledge(request: number, { id, status }: { id: string; status: OrderStatus }): void {
    this.#open.delete(request)
    this.#note(id, status)
    this.#unaccounted.delete(id)
  }

  /** The response says that there is no order. */
  refuse(request: number): void {
    this.#open.delete(request)
  }

  /**
   * Reads all orders of the customer by `list`, and compares. An order that is acknowledged meanwhile is left for the next
   * check.
   */
  async check(list: () => Promise<readonly Listed[]>): Promise<void> {
    const mustBeListed = [...this.#acknowledged.keys()]
    const orders = await list()
    const listed = new Map(orders.map((order) => [order.id, order]))
    this.#checked = mustBeListed.length
    this.#lost = mustBeListed.filter((id) => !listed.has(id))
    for (const { id, status } of orders) {
      if (this.#acknowledged.has(id)) this.#note(id, status)
      else if (!this.#unaccounted.has(id)) this.#unaccounted.set(id, this.#nextRequest)
    }
    this.#confirmedCents = orders.reduce(
      (cents, { status, totalCents }) => cents + (status === 'confirmed' ? totalCents : 0),
      0,
    )
  }

  statusOf(id: string): OrderStatus | undefined {
    return this.#acknowledged.get(id)
  }

  /** Whether nothing is under way: each request has its response, and each order its last status. */
  get isQuiet(): boolean {
    return this.#open.size === 0 && this.#unfinished.size === 0
  }

  /** When the oldest unfinished order was acknowledged, in milliseconds since the epoch. */
  get oldestUnfinishedAt(): number | undefined {
    const [oldest] = this.#unfinished.values()
    return oldest
  }

  /** How many requests have begun: what was read while this changed may be out of date. */
  get requests(): number {
    return this.#nextRequest
  }

  /** What the confirmed orders cost in all, as of the last check. */
  get confirmedCents(): number {
    return this.#confirmedCents
  }

  get counts(): Counts {
    const counts = {
      ...noCounts,
      acknowledged: this.#acknowledged.size,
      checked: this.#checked,
      lost: this.#lost.length,
      doubled: this.#doubled,
    }
    for (const status of this.#acknowledged.values()) counts[status === 'cancelling' ? 'pending' : status] += 1
    return counts
  }

  #note(id: string, status: OrderStatus): void {
    this.#acknowledged.set(id, status)
    const isUnfinished = status === 'pending' || status === 'cancelling'
    if (!isUnfinished) this.#unfinished.delete(id)
    else if (!this.#unfinished.has(id)) this.#unfinished.set(id, this.now())
  }

  /** Those that no open request can account for any more. */
  get #doubled(): number {
    const oldestOpen = Math.min(...this.#open, Infinity)
    return [...this.#unaccounted.values()].filter((firstAfter) => oldestOpen >= firstAfter).length
  }
}
