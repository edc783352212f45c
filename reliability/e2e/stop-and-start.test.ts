import { ask, askUntilAnswered, creditOf, oneKeyboard, orderBecomes, signUp } from '../harness/callers'
import { compose, inspect, serviceNames, startStack } from '../harness/stack'

beforeEach(startStack)

test('docker compose stop ends the gateway and both services with exit code 0, and all data survives down and up', async () => {
  const user = await signUp()
  const placed = await ask('order-service', oneKeyboard(user, 'before-down'))
  expect(placed.status).toBe(201)

  await compose('stop')
  for (const name of ['gateway', ...serviceNames] as const) {
    expect((await inspect(name)).State).toMatchObject({ Running: false, ExitCode: 0 })
  }
  await compose('down')
  await startStack()

  const found = await ask('order-service', { path: placed.headers.get('location')!, token: user.token })
  expect(found).toMatchObject({ status: 200, body: placed.body })
  expect(await creditOf(user)).toBe(100_000 - 4999)
  const replayed = await ask('order-service', oneKeyboard(user, 'before-down'))
  expect(replayed).toMatchObject({ status: 201, body: placed.body })
})

test('an order placed while user-service is stopped settles once it is back', async () => {
  const user = await signUp()
  const warm = await ask('order-service', oneKeyboard(user, 'while-it-runs'))
  expect(warm.status).toBe(201)
  await compose('stop', 'user-service')

  const placed = await ask('order-service', oneKeyboard(user, 'while-it-is-away'))
  expect(placed).toMatchObject({ status: 202, body: { status: 'pending', reason: null } })
  expect(placed.headers.get('retry-after')).not.toBeNull()
  const path = placed.headers.get('location')!
  expect((await ask('order-service', { path: '/health/ready' })).status).toBe(200)

  await compose('start', 'user-service')
  await orderBecomes('confirmed', placed.body.id, user)
  const timeline = await ask('order-service', { path: `${path}/timeline`, token: user.token })
  const steps = timeline.body as { status: string; detail: string }[]
  expect(steps[0]).toMatchObject({ status: 'pending', detail: 'stored' })
  expect(steps.at(-1)).toMatchObject({ status: 'confirmed' })
  expect(steps.length).toBeGreaterThan(2) // and the attempts that failed
  expect(await creditOf(user)).toBe(100_000 - 2 * 4999)
})

test('an order cancelled while user-service is stopped releases its credit once it is back', async () => {
  const user = await signUp()
  const placed = await ask('order-service', oneKeyboard(user, 'to-be-cancelled'))
  expect(placed.status).toBe(201)
  await compose('stop', 'user-service')

  const cancel = { method: 'POST', path: `/orders/${placed.body.id}/cancel`, token: user.token } as const
  expect(await ask('order-service', cancel)).toMatchObject({ status: 202, body: { status: 'cancelling' } })

  await compose('start', 'user-service')
  await orderBecomes('cancelled', placed.body.id, user)
  expect(await creditOf(user)).toBe(100_000)
  expect(await askUntilAnswered('order-service', cancel)).toMatchObject({ status: 200, body: { status: 'cancelled' } })
})
