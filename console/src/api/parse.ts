/** What the page reads of a response. A response that lacks it is a fault of the service, and is shown as one. */

export const orderStatuses = ['pending', 'confirmed', 'rejected', 'cancelling', 'cancelled'] as const
export type OrderStatus = (typeof orderStatuses)[number]

export interface Order {
  id: string
  status: OrderStatus
  reason: string | null
  totalCents: number
  items: readonly { productId: string; quantity: number }[]
  createdAt: string
}

export interface Product {
  id: string
  name: string
  priceCents: number
}

export interface Step {
  at: string
  status: string
  detail: string
}

export interface FeedEvent {
  id: string
  type: string
  subject: string
  time: string
}

export interface ParkedEvent {
  id: string
  type: string
  error: string
}

export class Unexpected extends Error {
  constructor(what: string) {
    super(`a response without ${what}`)
  }
}

type Fields = Record<string, unknown>

export function fields(value: unknown, what = 'an object'): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unexpected(what)
  return value as Fields
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Unexpected(what)
  return value
}

export function number(value: unknown, what: string): number {
  if (typeof value !== 'number') throw new Unexpected(what)
  return value
}

export function list<T>(value: unknown, item: (value: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new Unexpected('a list')
  return value.map(item)
}

export function orderIn(value: unknown): Order {
  const order = fields(value, 'an order')
  const status = orderStatuses.find((known) => known === order.status)
  if (status === undefined) throw new Unexpected('a known status')
  return {
    id: text(order.id, 'an id'),
    status,
    reason: typeof order.reason === 'string' ? order.reason : null,
    totalCents: number(order.totalCents, 'a total'),
    createdAt: text(order.createdAt, 'a time'),
    items: list(order.items, (item) => {
      const { productId, quantity } = fields(item)
      return { productId: text(productId, 'a product'), quantity: number(quantity, 'a quantity') }
    }),
  }
}

export function productIn(value: unknown): Product {
  const { id, name, priceCents } = fields(value, 'a product')
  return { id: text(id, 'an id'), name: text(name, 'a name'), priceCents: number(priceCents, 'a price') }
}

export function stepIn(value: unknown): Step {
  const { at, status, detail } = fields(value, 'a step')
  return { at: text(at, 'a time'), status: text(status, 'a status'), detail: text(detail, 'a detail') }
}

export function eventIn(value: unknown): FeedEvent {
  const { id, type, subject, time } = fields(value, 'an event')
  return {
    id: text(id, 'an id'),
    type: text(type, 'a type'),
    subject: text(subject, 'a subject'),
    time: text(time, 'a time'),
  }
}

export function parkedEventIn(value: unknown): ParkedEvent {
  const { id, type, error } = fields(value, 'a parked event')
  return { id: text(id, 'an id'), type: text(type, 'a type'), error: text(error, 'an error') }
}

/** The code of a problem, if the response is one. */
export function codeIn(value: unknown): string | undefined {
  const code = typeof value === 'object' && value !== null ? (value as Fields).code : undefined
  return typeof code === 'string' ? code : undefined
}
