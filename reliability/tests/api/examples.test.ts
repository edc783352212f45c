import { randomUUID } from 'node:crypto'
import request from 'supertest'
import type { OpenApiDocument } from '@tandem/chassis/openapi/document'
import { testOrders } from '../../../order-service/tests/support/order-app'
import { testUsers } from '../../../user-service/tests/support/user-app'

type Content = Record<string, { example?: object; examples?: Record<string, object> }>
interface Operation {
  requestBody?: { content: Content }
  responses: Record<string, { content?: Content }>
}

const userService = async () => {
  const { plainApp, adminToken, serviceToken } = await testUsers({ hasChaos: true })
  return { plainApp, tokens: [await adminToken(), await serviceToken()] }
}
const orderService = async () => {
  const { plainApp, fake } = await testOrders({ hasChaos: true })
  return { plainApp, tokens: [await fake.token('admin'), await fake.token(randomUUID())] }
}

describe.each([
  ['user-service', userService],
  ['order-service', orderService],
])('The OpenAPI document of %s', (_service, start) => {
  const operationsOf = (document: OpenApiDocument) =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, ...(operation as unknown as Operation) })),
    )

  it('has an example for every body', async () => {
    const { plainApp } = await start()
    const { body: document } = await request(plainApp).get('/openapi.json').expect(200)
    const without = operationsOf(document).flatMap(({ method, path, requestBody, responses }) =>
      [['request', requestBody] as const, ...Object.entries(responses)]
        .filter(([, described]) =>
          Object.values(described?.content ?? {}).some(({ example, examples }) => !example && !examples),
        )
        .map(([which]) => `${method} ${path} ${which}`),
    )
    expect(without).toEqual([])
  })

  it('has only request examples that the service accepts', async () => {
    const { plainApp, tokens } = await start()
    const { body: document } = await request(plainApp).get('/openapi.json').expect(200)
    const withBody = operationsOf(document).filter(({ requestBody }) => requestBody)
    expect(withBody.length).toBeGreaterThan(1)
    for (const { method, path, requestBody } of withBody) {
      const target = path.replace('products/{id}', 'products/keyboard').replace(/\{\w+\}/g, () => randomUUID())
      const statuses = await Promise.all(
        tokens.map(async (token) => {
          const asked = request(plainApp)[method as 'post'](target).set('Idempotency-Key', randomUUID())
          return (await asked.auth(token, { type: 'bearer' }).send(requestBody!.content['application/json']!.example))
            .status
        }),
      )
      // Each is allowed for one of the callers, who gets a 400 if the body is not accepted, and else at most a 404 for the id.
      const accepted = statuses.filter((status) => status < 300 || status === 404)
      expect({ method, path, statuses, isAccepted: accepted.length > 0 }).toMatchObject({ isAccepted: true })
    }
  })
})
