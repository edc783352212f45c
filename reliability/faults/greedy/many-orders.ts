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

/**
 * A user whose orders are all pending deletes itself. It may not have that many any more, but may have them from before:
 * others place them while user-service is away, as many as each may, and the database then says that they are this one's.
 */
export const manyOrders: Part = {
  name: 'many orders',
  run: async (context) => {
    const { stack, short, tell } = context
    const users = await signUpMany(context, short ? 5 : 40)
    const [owner] = users
    if (owner === undefined) throw new Error('there are no users')
    const { token } = await signInAdmin(stack)
    await stack.compose('stop', 'user-service')
    await placeOrders(context, users, each, owner)
    const oneMore = await oneMoreOrder(stack, owner)
    const orders = users.length * each
    tell(`${orders} orders are pending, one more is answered ${oneMore}`)
    await stack.compose('stop', 'order-service')
    await stack.compose('run', '--rm', '--no-deps', '-T', 'order-service', 'node', '-e', giveAllOrders, owner.id)
    await stack.compose('start', 'user-service')
    await whenReady(stack, 'user-service')
    await deleteItself(context, owner)
    await stack.compose('start', 'order-service')

    const began = performance.now()
    const { figure, checks } = await othersDuring(context, () =>
      whenEnded(stack, owner, token, short ? maxMs.short : maxMs.long),
    )
    const seconds = (performance.now() - began) / 1000
    await whenHealthy(stack) // Docker first looks at a service 5 s after its start
    return {
      done: `${orders} pending orders of a user who deletes itself`,
      figures: [`all ended ${seconds.toFixed(1)} s after it`, figure],
      checks: [
        ...checks,
        {
          message: `an order beyond ${each} unfinished ones gets ${oneMore}, which must be 429`,
          holds: oneMore === 429,
        },
      ],
    }
  },
}

// Only the pending ones: the others are of callers who behave.
const giveAllOrders = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.env.DATABASE_URL.slice('sqlite:'.length))
  const owner = process.argv[1]
  database.exec('PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE') // /tmp is small
  database
    .prepare("UPDATE events SET data = json_set(data, '$.userId', ?) WHERE subject IN (SELECT id FROM orders WHERE status = 'pending')")
    .run(owner)
  database.prepare("UPDATE orders SET user_id = ? WHERE status = 'pending'").run(owner)
  database.exec('COMMIT')
  database.close()`

async function oneMoreOrder({ ports }: ComposeStack, user: User): Promise<number> {
  return (await askPort(ports['order-service'], orderRequest(user, 'one-more-order'))).status
}

async function deleteItself({ stack, journal }: FaultContext, { id: userId, token }: User): Promise<void> {
  const deletion = await askPort(stack.ports['user-service'], { method: 'DELETE', path: `/users/${userId}`, token })
  mustBe(deletion, 204)
  journal.add({ kind: 'deletion', userId })
}

/** Waits until none of its orders is pending. */
async function whenEnded({ ports }: ComposeStack, { id }: User, token: string, withinMs: number): Promise<void> {
  const path = `/orders?userId=${id}&status=pending&limit=1`
  await eventually(withinMs, 'all orders of the deleted user have ended', async () => {
    const answer = await askPort(ports['order-service'], { path, token }).catch(() => undefined) // it may be restarting
    return (answer?.status === 200 && (answer.body as unknown[]).length === 0) || undefined
  })
}
