import type { End } from '../../../chassis/testing/interleavings'
import { expectInOrder } from '../../../chassis/testing/expect-in-order'
import type { Side } from '../../../chassis/testing/stepped-side'
import { cancelOrder } from '../../src/orders/cancel-order'
import { Settler } from '../../src/orders/settler'
import type { UserClient } from '../../src/users/user-client'
import { interleavedOrders, order, orderDeps, placed, seen, userDeleted } from '../support/interleaved'

const explore = interleavedOrders()

/** user-service holds and releases what it is asked for. Returns how often it was asked. */
const flow = (run: (deps: ReturnType<typeof orderDeps>) => Promise<unknown>) => async (side: Side) => {
  let asked = 0
  const respond = (outcome: string) => async () => {
    asked += 1
    return outcome
  }
  // The rest of it is private.
  const users = {
    hold: respond('held'),
    release: respond('released'),
    circuit: { isOpen: false },
  } as unknown as UserClient
  await run({ ...orderDeps(side), users })
  return asked
}
const cancel = flow((deps) => cancelOrder(deps, order, 'test'))
const settle = flow((deps) => new Settler(deps, { pendingTimeoutMs: 600_000 }).pass())
const settleLate = flow((deps) => new Settler(deps, { pendingTimeoutMs: 500 }).pass())

const due = async (side: Side) => {
  await placed(side)
  await side.database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
}

/** Several units of a side may come before and after one of the other: so the times differ from those in order. */
async function seenButTimes(end: End) {
  const { findings, rows } = await seen(end)
  const steps = (rows.order_steps as { status: string; detail: string }[]).map(({ status, detail }) => [status, detail])
  const orders = (rows.orders as { status: string; reason: string }[]).map(({ status, reason }) => [status, reason])
  return { findings, orders, steps, copies: rows.user_copies }
}

describe('In every interleaving, both end as one after the other, but for the times:', () => {
  it.each([
    ['two cancellations', cancel, cancel],
    ['a settler and a cancellation', settle, cancel],
    ['a settler and one that gives up', settle, settleLate],
    ['a settler and the deletion of the user', settle, userDeleted],
  ])('%s', async (_pair, left, right) => {
    expectInOrder(await explore({ given: due, pair: [left, right], seen: seenButTimes }))
  })

  it('two settlers, one of which asks user-service', async () => {
    const seenOfAsking = async (end: End) => ({ ...(await seenButTimes(end)), asked: askedOf(end) })
    const explored = await explore({ given: due, pair: [settle, settle], seen: seenOfAsking })
    expectInOrder(explored)
    expect(explored.inOrder).toMatchObject([{ asked: 1 }, { asked: 1 }])
  })
})

function askedOf({ outcomes }: End): number {
  return outcomes.reduce((sum, outcome) => sum + ('returned' in outcome ? (outcome.returned as number) : NaN), 0)
}
