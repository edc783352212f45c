import { randomUUID } from 'node:crypto'
import type { Answer, Request } from '../../harness/ask'
import type { ServiceName } from '../../harness/compose-stack'
import { pause } from '../../harness/eventually'
import { randomNumbers } from '../../harness/random-numbers'
import type { RunningStack } from '../../harness/running-stack'
import type { Check, FaultContext } from '../fault'
import {
  acknowledge,
  askUntilAnswered,
  mustBe,
  orderRequest,
  renewToken,
  signInAdmin,
  signUpMany,
  type Bearer,
  type User,
} from './callers'

const productIds = ['cable', 'desk-lamp', 'headphones', 'keyboard', 'monitor', 'mouse', 'webcam']

interface Options {
  shoppers: number
  /** Between what a shopper does and does next, on average. */
  thinkMs: number
  /** Asked before each order. */
  goOn: () => boolean
}

/** What all shoppers did so far. */
export interface Sales {
  orders: number
  cancels: number
  deposits: number
  /** Requests that had to be made again. */
  retries: number
  /** What was wrong with requests that never got one of the expected responses. */
  failures: string[]
}

interface Shopper {
  world: Pick<FaultContext<RunningStack>, 'stack' | 'journal' | 'over'>
  user: User
  admin: Bearer
  random: () => number
  sales: Sales
}

/**
 * Shoppers who order, cancel some of it and get credit, each one request after the other, with a key where it takes one,
 * until it is answered; whoever is not, leaves. `sales` counts along; `done` is when all have gone.
 */
export async function startShoppers(
  world: Pick<FaultContext<RunningStack>, 'stack' | 'journal' | 'random' | 'over'>,
  { shoppers, ...options }: Options,
): Promise<{ sales: Sales; done: Promise<unknown> }> {
  const admin = await signInAdmin(world.stack)
  const users = await signUpMany(world, shoppers)
  const sales: Sales = { orders: 0, cancels: 0, deposits: 0, retries: 0, failures: [] }
  const shopping = users.map((user) => {
    const random = randomNumbers(world.random() * 2 ** 32) // of its own, whoever of them is faster
    return shop({ world, user, admin, random, sales }, options)
  })
  return { sales, done: Promise.all(shopping) }
}

async function shop(shopper: Shopper, { thinkMs, goOn }: Omit<Options, 'shoppers'>): Promise<void> {
  const { world, random, sales } = shopper
  for (;;) {
    await pause(2 * random() * thinkMs)
    if (world.over.aborted || !goOn()) return
    try {
      const order = await place(shopper)
      if (order.status !== 'rejected' && random() < 0.3) await cancel(shopper, order.id)
      if (random() < 0.1) await deposit(shopper)
    } catch (error) {
      sales.failures.push(String(error))
      return
    }
  }
}

async function place(shopper: Shopper): Promise<{ id: string; status: string }> {
  const { world, user, random, sales } = shopper
  sales.orders += 1
  const key = randomUUID()
  const productId = productIds[Math.floor(random() * productIds.length)]
  const request = orderRequest(user, key, productId, 1 + Math.floor(random() * 3))
  return acknowledge(world, user, await insist(shopper, user, 'order-service', request, [200, 201, 202, 402]), key)
}

async function cancel(shopper: Shopper, orderId: string): Promise<void> {
  const { world, user, sales } = shopper
  sales.cancels += 1
  const request = { method: 'POST', path: `/orders/${orderId}/cancel` } as const
  const answer = await insist(shopper, user, 'order-service', request, [200, 202, 409])
  // 409: it was pending, and is rejected by now.
  if (answer.status === 409) world.journal.add({ kind: 'order', id: orderId, userId: user.id, status: 'rejected' })
  else acknowledge(world, user, answer)
}

async function deposit(shopper: Shopper): Promise<void> {
  const { world, user, admin, sales } = shopper
  sales.deposits += 1
  const body = { amountCents: 80_000 }
  const path = `/users/${user.id}/deposits`
  const request = { method: 'POST', path, key: randomUUID(), body } as const
  const answer = await insist(shopper, admin, 'user-service', request, [200, 201])
  world.journal.add({ kind: 'deposit', id: answer.body.id, userId: user.id, ...body })
}

async function insist(
  { world, sales }: Shopper,
  who: Bearer,
  service: ServiceName,
  request: Request,
  expected: number[],
): Promise<Answer> {
  const onRetry = () => (sales.retries += 1)
  const ask = () => askUntilAnswered(world.stack, service, { ...request, token: who.token }, onRetry)
  let answer = await ask()
  if (answer.status === 401) {
    await renewToken(world.stack, who, onRetry)
    answer = await ask()
  }
  mustBe(answer, ...expected)
  return answer
}

/** Throws where one of the shoppers has failed: there may never be so many. */
export async function whenOrders(sales: Sales, orders: number): Promise<void> {
  while (sales.orders < orders) {
    const [failure] = sales.failures
    if (failure !== undefined) throw new Error(`a request failed: ${failure}`)
    await pause(10)
  }
}

export function allAnswered({ orders, cancels, deposits, failures: [first, ...others] }: Sales): Check {
  if (first === undefined) return { message: '0 requests failed', holds: true, noneOf: orders + cancels + deposits }
  return { message: `0 requests failed: ${1 + others.length} did, the first with ${first}`, holds: false }
}
