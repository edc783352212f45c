import { randomUUID } from 'node:crypto'
import { askPort } from '../harness/ask'
import { pause } from '../harness/eventually'
import type { Fault, FaultContext } from './fault'
import { acknowledge, mustBe, orderRequest, signUpMany, type User } from './load/callers'
import { muchCredit } from './load/steady-orders'
import { countTold, isSync } from './system-calls/synced'
import { traceCalls, type SystemCall } from './system-calls/trace'

const oneByOne = 50
const atOnce = 32

const id = '([0-9a-f-]{36})'
const event = (status: string) =>
  new RegExp(`\\\\"id\\\\":\\\\"${id}\\\\",\\\\"userId\\\\":[^{}]*\\\\"status\\\\":\\\\"${status}\\\\"`, 'g')
const orderId = '\\\\"orderId\\\\":\\\\"'
/** Alone, or in a request for several. */
const holdAskedFor = new RegExp(`(?:"PUT /users/.{36}/holds/|${orderId})${id}(?: HTTP|\\\\",\\\\"userId)`, 'g')
/** What must not leave before it is on the disk, as strace shows it. */
const promises = {
  'hold asked for': { stored: event('pending'), told: holdAskedFor },
  'order answered': {
    stored: event('confirmed'),
    told: new RegExp(`"HTTP/1\\.1 201 .*Location: /orders/${id}\\\\r`, 'g'),
  },
  'hold answered': {
    stored: new RegExp(`${id}[0-9a-f-]{36}held`, 'g'),
    told: new RegExp(`${orderId}${id}\\\\",\\\\"(?:userId|decision\\\\":\\\\"held)`, 'g'),
  },
}

/** Whether what is acknowledged is on the disk: no kill of a process shows that, as the kernel writes what it has. */
export const fsync: Fault = {
  name: 'fsync',
  stack: { variables: muchCredit },
  run: async ({ stack, journal, over, orders, short, tell }) => {
    const maxOrders = orders ?? (short ? 200 : 2000)
    await stack.startStack()
    const users = await signUpMany({ stack, journal }, atOnce)
    const world = { stack, journal, over }
    const [user] = users
    if (user) await place(world, user) // what is done at the first order only

    const alone = await traced(stack, () => oneAfterTheOther(world, users, oneByOne))
    const syncs = [...alone.ofUsers, ...alone.ofOrders].filter(isSync).length
    const ofUsers = minSyncs(alone.ofUsers, alone.result)
    const ofOrders = minSyncs(alone.ofOrders, alone.result)
    tell(`${syncs} syncs for ${alone.result.length} orders, one at a time`)

    const load = await traced(stack, async () => {
      const each = users.map((user) => oneAfterTheOther(world, [user], Math.ceil(maxOrders / atOnce)))
      return (await Promise.all(each)).flat()
    })
    const counts = Object.entries({
      'hold asked for': countTold(load.ofOrders, promises['hold asked for']),
      'hold answered': countTold(load.ofUsers, promises['hold answered']),
      'order answered': countTold(load.ofOrders, promises['order answered']),
    })
    const shared = [...load.ofUsers, ...load.ofOrders].filter(isSync).length / load.result.length
    return {
      done: `${alone.result.length} orders one at a time, then ${load.result.length} by ${atOnce} callers at once, under strace`,
      figures: [
        `${(syncs / alone.result.length).toFixed(2)} syncs an order one at a time, ${shared.toFixed(2)} under load`,
      ],
      checks: [
        {
          message: `at least ${ofOrders} syncs in order-service and ${ofUsers} in user-service for an order, not under 2 and 1`,
          holds: ofOrders >= 2 && ofUsers >= 1,
        },
        ...counts.map(([what, { told, early }]) => ({
          message: `${early} of ${told}: ${what} before the sync of its commit`,
          holds: early === 0 && told >= load.result.length,
          noneOf: told,
        })),
      ],
    }
  },
}

interface Traced<Result> {
  result: Result
  ofUsers: SystemCall[]
  ofOrders: SystemCall[]
}

async function traced<Result>(stack: FaultContext['stack'], work: () => Promise<Result>): Promise<Traced<Result>> {
  const users = await traceCalls(stack, 'user-service')
  try {
    const orders = await traceCalls(stack, 'order-service')
    try {
      const result = await work()
      return { result, ofUsers: await users.stop(), ofOrders: await orders.stop() }
    } finally {
      await orders.remove()
    }
  } finally {
    await users.remove()
  }
}

/** Of one order, where each was placed when the one before it was answered. */
function minSyncs(calls: readonly SystemCall[], orders: readonly { from: number; to: number }[]): number {
  const syncs = calls.filter(isSync)
  return Math.min(...orders.map(({ from, to }) => syncs.filter(({ at }) => at >= from && at <= to).length))
}

type World = Pick<FaultContext, 'stack' | 'journal' | 'over'>

/** Answers from when to when each was under way, in milliseconds since the epoch. */
async function oneAfterTheOther(world: World, users: readonly User[], orders: number) {
  const times: { from: number; to: number }[] = []
  for (let i = 0; i < orders && !world.over.aborted; i++) {
    const user = users[i % users.length]
    if (user === undefined) break
    const from = Date.now()
    await place(world, user)
    times.push({ from, to: Date.now() + 1 })
    await pause(5)
  }
  return times
}

async function place(world: World, user: User): Promise<void> {
  const key = randomUUID()
  const answer = await askPort(world.stack.ports['order-service'], orderRequest(user, key), 10_000)
  mustBe(answer, 201)
  acknowledge(world, user, answer, key)
}
