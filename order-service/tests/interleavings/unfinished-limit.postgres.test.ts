import { expectInOrder } from '../../../chassis/testing/expect-in-order'
import { interleavedOrders, place } from '../support/interleaved'

jest.mock('../../src/orders/order', () => ({
  ...jest.requireActual<object>('../../src/orders/order'),
  maxUnfinished: 1,
}))

const explore = interleavedOrders()

describe('Two requests of a user who may have one more unfinished order', () => {
  it('end as one after the other in every interleaving: one is refused', async () => {
    const explored = await explore({ pair: [place('a'), place('b')] })
    expectInOrder(explored)
    expect(explored.inOrder).toMatchObject([
      { outcomes: [{ returned: { replayed: false } }, { threw: 'rate-limited' }] },
      { outcomes: [{ threw: 'rate-limited' }, { returned: { replayed: false } }] },
    ])
  })

  it('would both be accepted without the lock of what the user has unfinished', async () => {
    const without = (sql: string) => sql.replace('pg_advisory_xact_lock(hashtextextended($1, 0))', '$1::TEXT')
    const { bad } = await explore({ pair: [place('a'), place('b')], without })
    const accepted = { returned: { replayed: false } }
    expect(bad).toMatchObject([{ seen: { outcomes: [accepted, accepted] } }])
  })
})
