import { serviceNames } from '../../../e2e/support/compose-stack'
import { signUp } from '../load/callers'
import { rawLoad, rawRequest } from '../load/raw-load'
import { targetIn } from '../load/slow-callers'
import { placeOrders } from './place-orders'
import { othersDuring } from './others'
import type { Part } from './part'

const inOneWrite = 400
const connections = { reading: 8, unread: 300 }
const pageOfOrders = 100

/** Hundreds of requests in one write: by callers who read all responses, and then by many who read none. */
export const pipelining: Part = {
  name: 'pipelining',
  run: async (context) => {
    const { stack, over, short } = context
    const user = await signUp(context)
    await placeOrders(context, [user], pageOfOrders)
    const seconds = { reading: short ? 3 : 15, unread: short ? 3 : 40 }
    const pages = [{ path: '/docs' }, { path: '/metrics' }]
    const orders = { path: `/orders?limit=${pageOfOrders}`, token: user.token }
    const attack = async (service: (typeof serviceNames)[number], how: keyof typeof connections) =>
      rawLoad(
        {
          target: await targetIn(stack, service),
          requests: (service === 'order-service' ? [...pages, orders] : pages).map(rawRequest),
          connections: connections[how],
          inOneWrite,
          reads: how === 'reading',
          seconds: seconds[how],
        },
        over,
      )
    const reading = await othersDuring(context, () => Promise.all(serviceNames.map((it) => attack(it, 'reading'))))
    const unread = await othersDuring(context, () => Promise.all(serviceNames.map((it) => attack(it, 'unread'))))
    const left = unread.result.reduce((sum, it) => sum + it.left, 0)
    return {
      done: `${inOneWrite} requests in one write by ${connections.reading} connections to each service that read, then by ${connections.unread} that do not`,
      figures: [
        `read ${JSON.stringify(reading.result.map(({ statuses }) => statuses))}`,
        reading.figure,
        unread.figure,
      ],
      checks: [
        { ...reading.check, says: `read: ${reading.check.says}` },
        { ...unread.check, says: `unread: ${unread.check.says}` },
        ...(short ? [] : [{ says: `${left} unread connections left after ${seconds.unread} s`, holds: left === 0 }]),
      ],
    }
  },
}
