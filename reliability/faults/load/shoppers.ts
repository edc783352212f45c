import { randomUUID } from 'node:crypto'
import { pause } from '../../../e2e/support/eventually'
import { randomNumbers } from '../../../e2e/support/random-numbers'
import type { FaultContext } from '../fault'
import { acknowledge, adminToken, askUntilAnswered, mustBe, orderRequest, signUpMany, type User } from './callers'

const productIds = ['cable', 'desk-lamp', 'headphones', 'keyboard', 'monitor', 'mouse', 'webcam']

interface Options {
  shoppers: number
  /** Between two orders of a shopper, on average. */
  thinkMs: number
  /** Asked before each order. */
  goOn: () => boolean
}

/** What became of the orders of all shoppers so far. */
export interface Sales {
  orders: number
  cancels: number
  deposits: number
  /** Requests that had to be made again. */
  retries: number
  /** Of an order, in the end. */
  told: Record<string, number>
}

type World = Pick<FaultContext, 'stack' | 'journal' | 'random'>

/**
 * Shoppers who order, cancel some of it and get credit, each one request after the other, with a key where it takes one,
 * until it is answered. `sales` counts along; `done` is when all have gone.
 */
export async function startShoppers(world: World, options: Options): Promise<{ sales: Sales; done: Promise<void> }> {
  const admin = await adminToken(world.stack)
  const users = await signUpMany(world, options.shoppers)
  const sales: Sales = { orders: 0, cancels: 0, deposits: 0, retries: 0, told: {} }
  const shopping = users.map((user) => {
    const random = randomNumbers(world.random() * 2 ** 32) // of its own, whoever of them is faster
    return shop({ ...world, random }, user, admin, sales, options)
  })
  const done = Promise.all(shopping).then(() => undefined)
  done.catch(() => undefined) // whoever waits for it hears of it
  return { sales, done }
}

async function shop(world: World, user: User, admin: string, sales: Sales, { thinkMs, goOn }: Options): Promise<void> {
  const { random } = world
  await pause(random() * thinkMs) // not all at once
  while (goOn()) {
    const order = await place(world, user, sales)
    if (order.status !== 'rejected' && random() < 0.3) await cancel(world, user, order.id, sales)
    if (random() < 0.1) await deposit(world, user, admin, sales)
    await pause(2 * random() * thinkMs)
  }
}

async function place(world: World, user: User, sales: Sales): Promise<{ id: string; status: string }> {
  const { stack, random } = world
  const key = randomUUID()
  const productId = productIds[Math.floor(random() * productIds.length)]
  const request = orderRequest(user, key, productId, 1 + Math.floor(random() * 3))
  sales.orders += 1
  const answer = await askUntilAnswered(stack, 'order-service', request)
  mustBe(answer, 200, 201, 202, 402)
  sales.retries += answer.attempts - 1
  const told = acknowledge(world, user, answer, key)
  sales.told[told.status] = (sales.told[told.status] ?? 0) + 1
  return told
}

async function cancel(world: World, user: User, orderId: string, sales: Sales): Promise<void> {
  const request = { method: 'POST', path: `/orders/${orderId}/cancel`, token: user.token } as const
  const answer = await askUntilAnswered(world.stack, 'order-service', request)
  mustBe(answer, 200, 202, 409)
  sales.cancels += 1
  sales.retries += answer.attempts - 1
  // 409: it was pending, and is rejected by now.
  if (answer.status === 409) world.journal.add({ what: 'order', id: orderId, userId: user.id, status: 'rejected' })
  else acknowledge(world, user, answer)
}

async function deposit(world: World, user: User, admin: string, sales: Sales): Promise<void> {
  const body = { amountCents: 80_000 }
  const request = { method: 'POST', path: `/users/${user.id}/deposits`, token: admin, key: randomUUID(), body } as const
  const answer = await askUntilAnswered(world.stack, 'user-service', request)
  mustBe(answer, 200, 201)
  sales.deposits += 1
  sales.retries += answer.attempts - 1
  world.journal.add({ what: 'deposit', id: answer.body.id, userId: user.id, ...body })
}
