import { askPort } from '../../harness/ask'
import type { ComposeStack } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'
import type { FaultContext } from '../fault'
import { mustBe, orderRequest, signInAdmin, signUpMany, type User } from '../load/callers'
import { whenHealthy } from './containers'
import { whenReady } from '../load/ready'
import { othersDuring } from './others'
import type { Part } from './part'
import { placeOrders } from './place-orders'

const each = 1000 // as many unfinished orders as a user may have
const maxMs = { short: 60_000, long: 180_000 }

/** Users place as many orders as they may while user-service is away, and delete themselves once it is back. */
export const manyOrders: Part = {
  name: 'many orders',
  run: async (context) => {
    const { stack, short, tell } = context
    const users = await signUpMany(context, short ? 5 : 40)
    const { token } = await signInAdmin(stack)
    await stack.compose('stop', 'user-service')
    await placeOrders(context, users, each)
    const oneMore = await oneMoreOrder(stack, users)
    const orders = users.length * each
    tell(`${orders} orders are pending, one more is answered ${oneMore}`)
    await stack.compose('stop', 'order-service') // so that it learns of all deletions at once
    await stack.compose('start', 'user-service')
    await whenReady(stack, 'user-service')
    await Promise.all(users.map((user) => deleteItself(context, user)))
    await stack.compose('start', 'order-service')

    const began = performance.now()
    const { figure, check } = await othersDuring(context, () =>
      whenEnded(stack, users, token, short ? maxMs.short : maxMs.long),
    )
    const seconds = (performance.now() - began) / 1000
    await whenHealthy(stack) // Docker first looks at a service 5 s after its start
    return {
      done: `${orders} pending orders of ${users.length} users who delete themselves`,
      figures: [`all ended ${seconds.toFixed(1)} s after it`, figure],
      checks: [
        check,
        {
          says: `an order beyond ${each} unfinished ones is answered ${oneMore}, which must be 429`,
          holds: oneMore === 429,
        },
      ],
    }
  },
}

async function oneMoreOrder({ ports }: ComposeStack, [user]: readonly User[]): Promise<number> {
  if (user === undefined) throw new Error('there are no users')
  return (await askPort(ports['order-service'], orderRequest(user, 'one-more-order'))).status
}

async function deleteItself({ stack, journal }: FaultContext, { id: userId, token }: User): Promise<void> {
  const deletion = await askPort(stack.ports['user-service'], { method: 'DELETE', path: `/users/${userId}`, token })
  mustBe(deletion, 204)
  journal.add({ what: 'deletion', userId })
}

/** Waits until none of their orders is pending. */
async function whenEnded({ ports }: ComposeStack, users: readonly User[], token: string, withinMs: number) {
  const deadline = performance.now() + withinMs
  for (const { id } of users) {
    const path = `/orders?userId=${id}&status=pending&limit=1`
    await eventually(deadline - performance.now(), 'all orders of the deleted users have ended', async () => {
      const answer = await askPort(ports['order-service'], { path, token }).catch(() => undefined) // it may be restarting
      return (answer?.status === 200 && (answer.body as unknown[]).length === 0) || undefined
    })
  }
}
