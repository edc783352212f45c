import { randomBytes, randomUUID } from 'node:crypto'
import { afterThisTest, eventually } from '../../../chassis/testing/temporary'
import { Services } from '../../../examples/order-totals/tests/support/services'
import { documentText } from '../../harness/commands'
import { otlpReceiver, treeOf, type ReceivedSpan } from './otlp-receiver'

jest.setTimeout(30_000)

const placed = `
order-service: POST /orders
  order-service: transaction
    order-service: send order.pending
  order-service: PUT
    user-service: PUT /users/:id/holds/:orderId
      user-service: transaction
  order-service: transaction
    order-service: send order.confirmed`.trim()

const left = `
order-service: POST /orders
  order-service: transaction
    order-service: send order.pending
  order-service: PUT
    user-service: PUT /users/:id/holds/:orderId
  order-service: PUT
    user-service: PUT /users/:id/holds/:orderId
  order-service: PUT
    user-service: PUT /users/:id/holds/:orderId
  order-service: transaction`.trim()

const settled = `
order-service: settle order
  order-service: PUT
    user-service: PUT /users/:id/holds/:orderId
      user-service: transaction
  order-service: transaction
    order-service: send order.confirmed`.trim()

const cancelled = `
order-service: POST /orders/:id/cancel
  order-service: transaction
  order-service: DELETE
    user-service: DELETE /users/:id/holds/:orderId
      user-service: transaction
  order-service: transaction
    order-service: send order.cancelled`.trim()

const signedUp = `
user-service: POST /users
  user-service: transaction
    user-service: send user.created
      order-service: process user.created`.trim()

/** Both services, which send their spans here, and a caller that begins a trace with each request. */
async function traced() {
  const { url, spans } = await otlpReceiver()
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '50' }
  Object.assign(process.env, variables)
  afterThisTest(() => {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name)
  })
  const services = await Services.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, CHAOS: 'on' })
  const adminToken = await services.adminToken()

  async function ask(
    method: string,
    path: string,
    { token = adminToken, body }: { token?: string; body?: object } = {},
  ) {
    const traceId = randomBytes(16).toString('hex')
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`
    const response = await fetch(path, {
      method,
      headers: { ...headers, traceparent },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), traceId }
  }

  const email = `${randomUUID()}@example.com`
  const signUp = await ask('POST', `${services.users}/users`, { body: { name: 'Canary', email } })
  const order = () =>
    ask('POST', `${services.orders}/orders`, {
      body: { userId: signUp.body.id, items: [{ productId: 'cable', quantity: 1 }] },
    })
  const shows = (traceId: string, tree: string) =>
    eventually(() => treeOf(spans, traceId) === tree || undefined, 15_000).catch(() =>
      expect(treeOf(spans, traceId)).toBe(tree),
    )
  return { services, spans, ask, signUp, order, shows, email }
}

function linkedTo(spans: readonly ReceivedSpan[], traceId: string): string[] {
  return spans.filter(({ linkedTraces }) => linkedTraces.includes(traceId)).map((span) => span.traceId)
}

test('a confirmed order is one trace, from its caller through both services and their databases', async () => {
  const { order, shows } = await traced()
  const { status, traceId } = await order()
  expect(status).toBe(201)
  await shows(traceId, placed)
})

test('an order that is settled later has a trace for each attempt, linked to that of the order', async () => {
  const { services, spans, ask, order, shows } = await traced()
  await ask('PUT', `${services.users}/faults`, { body: { errorRate: 1 } })
  const { status, traceId } = await order()
  expect(status).toBe(202)
  await ask('DELETE', `${services.users}/faults`)
  await shows(traceId, left)
  await eventually(() => linkedTo(spans, traceId).some((attempt) => treeOf(spans, attempt) === settled), 20_000)
})

test('a cancelled order is one trace', async () => {
  const { services, ask, order, shows } = await traced()
  const { body } = await order()
  const { status, traceId } = await ask('POST', `${services.orders}/orders/${body.id}/cancel`)
  expect(status).toBe(200)
  await shows(traceId, cancelled)
})

test('an event is part of the trace of its request, also in the service that follows', async () => {
  const { signUp, shows } = await traced()
  await shows(signUp.traceId, signedUp)
})

test('no span holds a name, an address, a key or a token', async () => {
  const { services, spans, signUp, order, shows, email } = await traced()
  const { traceId } = await order()
  await shows(traceId, placed)
  await shows(signUp.traceId, signedUp)
  const sent = spans.map(({ name, attributes }) => `${name} ${attributes}`).join('\n')
  for (const secret of ['Canary', email, signUp.body.apiKey as string, services.adminKey, 'Bearer', 'eyJ'])
    expect(sent).not.toContain(secret)
})

test.each([
  ['a confirmed order', placed],
  ['a sign-up', signedUp],
  ['an order that is settled later', settled],
  ['a cancelled order', cancelled],
])('docs/tracing.md shows the tree of %s', (_what, tree) => {
  expect(documentText('docs/tracing.md')).toContain(`\n${tree}\n`)
})
