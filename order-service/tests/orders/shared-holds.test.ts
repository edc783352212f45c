import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { inRootSpan } from '@tandem/chassis/tracing/tracing'
import { recordingTracer } from '../../../chassis/testing/recording-tracer'
import { SharedHolds } from '../../src/users/shared-holds'
import { keyboard, storedOrders, testOrders } from '../support/order-app'

async function sharedHolds() {
  const orders = await testOrders()
  const shared = new SharedHolds(orders.users, realSystem, silentLog)
  const userId = orders.fake.user(10_000)
  const holdAll = (amounts: readonly number[]) => {
    const wanted = amounts.map((totalCents) => ({ id: realSystem.newId(), userId, totalCents }))
    const options = () => ({ deadline: realSystem.monotonic() + 1000, requestId: 'walk-1' })
    return Promise.all(wanted.map((order) => shared.hold(order, options())))
  }
  return { ...orders, userId, holdAll }
}

describe('Holds that are asked for in one turn', () => {
  it('share a request with an id of its own, and each gets its own outcome', async () => {
    const { holdAll, fake } = await sharedHolds()
    expect(await holdAll([4000, 6001, 6000])).toEqual(['held', 'insufficient-credit', 'held'])
    expect(fake.requests).toMatchObject([{ method: 'POST', body: { holds: [{}, {}, {}] } }])
    expect(fake.requests[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('go alone if there is one, with the id of its request', async () => {
    const { holdAll, fake } = await sharedHolds()
    expect(await holdAll([4000])).toEqual(['held'])
    expect(await holdAll([6000])).toEqual(['held'])
    expect(fake.requests).toMatchObject([
      { method: 'PUT', requestId: 'walk-1' },
      { method: 'PUT', requestId: 'walk-1' },
    ])
  })

  it('are at most a hundred in a request', async () => {
    const { holdAll, fake } = await sharedHolds()
    expect(await holdAll(Array.from({ length: 201 }, () => 1))).toEqual(Array.from({ length: 201 }, () => 'held'))
    expect(fake.requests.map(({ method }) => method).toSorted()).toEqual(['POST', 'POST', 'PUT'])
  })

  it('are all undecided, with every attempt, if user-service does not respond', async () => {
    const { holdAll, fake } = await sharedHolds()
    fake.before = () => 'cut'
    const failed = 'user-service did not respond (ECONNRESET)'
    const outcome = { asked: true, answered: false, details: [failed, failed, failed] }
    expect(await holdAll([1, 2])).toEqual([outcome, outcome])
    expect(fake.requests).toHaveLength(3)
  })

  it.each([
    ['an error', { status: 400, body: { code: 'invalid-request' } }, 'returned 400 invalid-request'],
    ['another status', { status: 201, body: { decisions: [] } }, 'returned 201'],
    ['no decisions', { status: 200, body: {} }, 'returned 200'],
    ['too few decisions', { status: 200, body: { decisions: [] } }, 'returned 200'],
    ['decisions on others', { status: 200, body: { decisions: [{ orderId: 'x', decision: 'held' }] } }, 'returned 200'],
  ])('are undecided if the response has %s', async (_, response, detail) => {
    const { holdAll, fake } = await sharedHolds()
    fake.before = () => response
    const outcome = { asked: true, answered: true, details: [`user-service ${detail}, which is no decision`] }
    expect(await holdAll([1, 2])).toEqual([outcome, outcome])
  })

  it('are asked for one by one if an older user-service does not know the request', async () => {
    const { holdAll, fake } = await sharedHolds()
    fake.before = ({ method }) => (method === 'POST' ? { status: 404, body: { code: 'not-found' } } : undefined)
    expect(await holdAll([4000, 6001, 6000])).toEqual(['held', 'insufficient-credit', 'held'])
    expect(fake.requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PUT', 'PUT'])
    expect(fake.requests.slice(1).map(({ requestId }) => requestId)).toEqual(['walk-1', 'walk-1', 'walk-1'])
  })

  it('all fail if the request cannot be made, and the next ones are asked for', async () => {
    const { users, userId } = await sharedHolds()
    const holdAll = async () => Promise.reject(new Error('no token'))
    const shared = new SharedHolds({ hold: users.hold.bind(users), release: holdAll, holdAll }, realSystem, silentLog)
    const hold = () => {
      const order = { id: realSystem.newId(), userId, totalCents: 1 }
      return shared.hold(order, { deadline: realSystem.monotonic() + 1000, requestId: 'walk-1' })
    }
    const outcomes = await Promise.allSettled([hold(), hold()])
    expect(outcomes.map((it) => it.status === 'rejected' && String(it.reason))).toEqual([
      'Error: no token',
      'Error: no token',
    ])
    expect(await hold()).toBe('held')
  })

  it('are a span of the first trace, with links to the others', async () => {
    const { users, userId } = await sharedHolds()
    const shared = new SharedHolds(users, realSystem, silentLog)
    const { tracer, spans } = recordingTracer()
    const hold = (name: string) =>
      inRootSpan(tracer, name, { kind: 'server' }, async () => {
        const order = { id: realSystem.newId(), userId, totalCents: 1 }
        return shared.hold(order, { deadline: realSystem.monotonic() + 1000, requestId: name })
      })
    await Promise.all([hold('first'), hold('second'), hold('third')])
    const contextOf = (name: string) => spans.find((span) => span.name === name)?.context
    expect(spans.find(({ name }) => name === 'hold credit for several orders')).toMatchObject({
      parent: contextOf('first'),
      links: [contextOf('second'), contextOf('third')],
      hasEnded: true,
    })
  })

  it('are undecided one by one if a decision is none', async () => {
    const { holdAll, fake } = await sharedHolds()
    fake.before = ({ body }) => {
      const { holds } = body as { holds: { orderId: string }[] }
      const decisions = ['held', 'hold-mismatch', 'perhaps'].map((decision, i) => ({ ...holds[i], decision }))
      return { status: 200, body: { decisions } }
    }
    const undecided = (code: string) => ({
      asked: true,
      answered: true,
      details: [`user-service returned 200 ${code}, which is no decision`],
    })
    expect(await holdAll([1, 2, 3])).toEqual(['held', undecided('hold-mismatch'), undecided('perhaps')])
  })
})

describe('Many orders at once', () => {
  it('need fewer requests for holds than there are orders', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user(40 * 4999))
    const placed = await Promise.all(
      Array.from({ length: 60 }, async () => (await caller.post('/orders', keyboard)).status),
    )
    expect(placed.filter((status) => status === 201)).toHaveLength(40)
    expect(placed.filter((status) => status === 402)).toHaveLength(20)
    expect(fake.requests.length).toBeLessThan(60)
    expect(Object.keys(fake.held())).toHaveLength(40)
    expect((await storedOrders(database)).filter(({ status }) => status === 'confirmed')).toHaveLength(40)
  })

  it('are left to the settler if their request fails, and it asks for each alone', async () => {
    const { as, fake, settler, database } = await testOrders()
    fake.before = ({ method }) => (method === 'POST' ? { status: 400 } : undefined)
    const caller = await as(fake.user())
    await Promise.all(Array.from({ length: 20 }, () => caller.post('/orders', keyboard)))
    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0 WHERE due_at IS NOT NULL'))
    fake.requests.length = 0
    await settler.pass()
    expect(new Set(fake.requests.map(({ method }) => method))).toEqual(new Set(['PUT']))
    expect(new Set((await storedOrders(database)).map(({ status }) => status))).toEqual(new Set(['confirmed']))
  })
})
