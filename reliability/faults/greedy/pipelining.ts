import { serviceNames } from '../../harness/compose-stack'
import { signUp } from '../load/callers'
import { rawLoad, rawRequest, type RawLoad } from '../load/raw-load'
import { placeOrders } from './place-orders'
import { othersDuring } from './others'
import type { Part } from './part'

const inOneWrite = 400
const readers = 8
const nonReaders = 300 // more than may be in flight
const pageOfOrders = 100
const pages = [rawRequest({ path: '/docs' }), rawRequest({ path: '/metrics' })]

/** Hundreds of requests in one write: by callers who read all responses, and then by many who read none. */
export const pipelining: Part = {
  name: 'pipelining',
  run: async (context) => {
    const { short } = context
    const user = await signUp(context)
    await placeOrders(context, [user], pageOfOrders)
    const orders = rawRequest({ path: `/orders?limit=${pageOfOrders}`, token: user.token })
    const requests = { 'user-service': pages, 'order-service': [...pages, orders] }
    const reading = await othersDuring(context, () =>
      Promise.all(
        serviceNames.map((service) =>
          rawLoad(context, service, {
            requests: requests[service],
            connections: readers,
            inOneWrite,
            reads: true,
            seconds: short ? 2 : 15,
          }),
        ),
      ),
    )
    const seconds = short ? 3 : 40
    const load: RawLoad = { requests: pages, connections: nonReaders, inOneWrite, reads: false, seconds }
    const unread = await othersDuring(context, () =>
      Promise.all(serviceNames.map((service) => rawLoad(context, service, load))),
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
        { ...reading.check, says: `read: ${reading.check.says}` },
        { ...unread.check, says: `unread: ${unread.check.says}` },
        ...(short ? [] : [{ says: `${left} unread connections left after ${seconds} s`, holds: left === 0 }]),
      ],
    }
  },
}
