import { signUp } from '../load/callers'
import { rawLoadOfEach, rawRequest, type RawLoad } from '../load/raw-load'
import { placeOrders } from './place-orders'
import { othersDuring } from './others'
import { named, type Part } from './part'

const inOneWrite = 400
const readers = 8
const nonReaders = 300 // more than may be in flight
const pageOfOrders = 100
const pages = [rawRequest({ path: '/docs/swagger-ui-bundle.js' }), rawRequest({ path: '/metrics' })]

/** Hundreds of requests in one write: by callers who read all responses, and then by many who read none. */
export const pipelining: Part = {
  name: 'pipelining',
  run: async (context) => {
    const { short } = context
    const user = await signUp(context)
    await placeOrders(context, [user], pageOfOrders)
    const orders = rawRequest({ path: `/orders?limit=${pageOfOrders}`, token: user.token })
    const reads: RawLoad = { requests: pages, connections: readers, inOneWrite, reads: true, seconds: short ? 2 : 15 }
    const reading = await othersDuring(context, () =>
      rawLoadOfEach(context, {
        'user-service': reads,
        'order-service': { ...reads, requests: [...pages, orders] },
      }),
    )
    const seconds = short ? 2 : 40
    const load: RawLoad = { requests: pages, connections: nonReaders, inOneWrite, reads: false, seconds }
    const unread = await othersDuring(context, () =>
      rawLoadOfEach(context, { 'user-service': load, 'order-service': load }),
    )
    const left = unread.result.reduce((sum, it) => sum + it.left, 0)
    return {
      done: `${inOneWrite} requests in one write by ${readers} connections to each service that read, then by ${nonReaders} that do not`,
      figures: [
        `read ${JSON.stringify(reading.result.map(({ statuses }) => statuses))}`,
        reading.figure,
        unread.figure,
      ],
      checks: [
        ...named('read', reading.checks),
        ...named('unread', unread.checks),
        ...(short ? [] : [{ message: `${left} unread connections left after ${seconds} s`, holds: left === 0 }]),
      ],
    }
  },
}
