import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ports, processorMs, signUp, start, stop, tokenOf } from '../measure/processes.mjs'
import { hasProc, type Place } from './beside-yardsticks'
import { deepOrder, fillWithOrders } from './fill'
import { load, requestText, type Measured } from './load'
import { whenConfirmed } from './stored-orders'

/** What was measured of Tandem with so many orders stored beforehand; arrays have an entry for each round. */
export interface Growth {
  orders: number
  post: Measured[]
  firstPage: Measured[]
  deepPage: Measured[]
  /** Microseconds of processor time for each POST, of both services. Empty without /proc. */
  cpu: number[]
}

interface Filled extends Growth {
  folder: string
  user: { id: string; apiKey: string }
  after: string
  stored: number
}

/** In turns: each size in each round, with the services started on it again. */
export async function measureGrowth({ folder, options, tell }: Place): Promise<Growth[]> {
  const sizes: Filled[] = []
  for (const orders of options.growth) {
    const began = performance.now()
    sizes.push(await makeOrders(join(folder, String(orders)), orders))
    tell(`${orders} orders written in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
  for (let round = 0; round < options.rounds; round++) {
    const first = round % sizes.length // none is always first
    for (const size of [...sizes.slice(first), ...sizes.slice(0, first)]) {
      await measureSize(size, options.seconds)
      const rate = Math.round(size.post.at(-1)?.rate ?? NaN)
      tell(`round ${round + 1}, ${size.orders} orders stored: ${rate} POST a second`)
    }
  }
  return sizes.map(({ orders, post, firstPage, deepPage, cpu }) => ({ orders, post, firstPage, deepPage, cpu }))
}

async function makeOrders(folder: string, count: number): Promise<Filled> {
  mkdirSync(folder)
  const files = { users: join(folder, 'user-service.db'), orders: join(folder, 'order-service.db') }
  const user = await withServices(folder, () => signUp()) // which makes the tables, too
  await fillWithOrders(files, count, user.id)
  const after = deepOrder(files.orders, count, user.id)
  return { folder, user, after, stored: count, orders: count, post: [], firstPage: [], deepPage: [], cpu: [] }
}

async function measureSize(size: Filled, seconds: number): Promise<void> {
  await withServices(size.folder, async (pids) => {
    const usedMs = () => pids.reduce((sum, pid) => sum + processorMs(pid), 0)
    const token = await tokenOf(size.user.apiKey)
    const send = async (list: Measured[], request: string) => {
      const measured = await load({ port: ports['order-service'], request, seconds })
      list.push(measured)
      return measured.requests
    }
    const page = (query: string) =>
      requestText({ method: 'GET', path: `/orders?userId=${size.user.id}&limit=20${query}`, token })
    const post = requestText({
      method: 'POST',
      path: '/orders',
      token,
      body: { items: [{ productId: 'cable', quantity: 1 }] },
    })
    // The services are new: what they do first is not counted.
    size.stored += await send([], post)
    const before = hasProc ? usedMs() : NaN
    const placed = await send(size.post, post)
    if (hasProc) size.cpu.push(((usedMs() - before) * 1000) / placed)
    size.stored += placed
    await send(size.firstPage, page(''))
    await send(size.deepPage, page(`&after=${size.after}`))
    await whenConfirmed(join(size.folder, 'order-service.db'), size.stored)
  })
}

async function withServices<T>(folder: string, use: (pids: number[]) => Promise<T>): Promise<T> {
  const { child: users } = await start('user-service', folder)
  const { child: orders } = await start('order-service', folder)
  const result = await use([users.pid ?? NaN, orders.pid ?? NaN])
  await stop(orders)
  await stop(users)
  return result
}
