import type { RequestListener } from 'node:http'
import request, { type Response } from 'supertest'
import { signToken, type SigningKey, type TokenClaims } from '@tandem/chassis/auth/signing-key'
import type { Database } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { mountedRoutes } from '../../chassis/testing/conforming'
import { keyboard, testOrders, type TestOrders } from './support/order-app'

/** What each of them is answered: nobody (no token), the user whose order it is, another user, the admin. */
const access: [route: string, nobody: number, owner: number, other: number, admin: number][] = [
  ['GET /', 200, 200, 200, 200],
  ['GET /docs', 200, 200, 200, 200],
  ['GET /docs/start.js', 200, 200, 200, 200],
  ['GET /docs/swagger-ui.css', 200, 200, 200, 200],
  ['GET /docs/swagger-ui-bundle.js', 200, 200, 200, 200],
  ['GET /openapi.json', 200, 200, 200, 200],
  ['GET /metrics', 200, 200, 200, 200],
  ['GET /health', 200, 200, 200, 200],
  ['GET /health/ready', 200, 200, 200, 200],
  ['GET /health/live', 200, 200, 200, 200],
  ['GET /status', 401, 403, 403, 200],
  ['GET /faults', 401, 403, 403, 200],
  ['PUT /faults', 401, 403, 403, 200],
  ['DELETE /faults', 401, 403, 403, 200],
  ['POST /faults/crash', 401, 403, 403, 202],
  ['GET /log-lines', 401, 403, 403, 200],
  ['GET /.well-known/jwks.json', 200, 200, 200, 200],
  ['GET /problems/:code', 200, 200, 200, 200],
  ['GET /products', 200, 200, 200, 200],
  ['GET /products/:id', 200, 200, 200, 200],
  ['PUT /products/:id', 401, 403, 403, 200],
  ['POST /orders', 401, 201, 403, 201],
  ['GET /orders', 401, 200, 403, 200],
  ['GET /orders/:id', 401, 200, 404, 200],
  ['GET /orders/:id/timeline', 401, 200, 404, 200],
  ['POST /orders/:id/cancel', 401, 200, 404, 200],
  ['GET /events', 401, 403, 403, 200],
  ['GET /parked-events', 401, 403, 403, 200],
  ['POST /parked-events/:id/retry', 401, 403, 403, 204],
  ['POST /user-copy/rebuild', 401, 403, 403, 202],
]
const guarded = access.filter(([, nobody]) => nobody === 401)
const ofOtherPages = [
  { Origin: 'https://evil.example' },
  { 'Sec-Fetch-Site': 'cross-site' },
  { Host: 'rebind.example' },
]
const codes: Record<number, string> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found' }
const challenges: Record<number, string> = { 401: 'Bearer', 403: 'Bearer error="insufficient_scope"' }

/** An order of a user, and an event of that user which is parked, though nothing is wrong with it. */
async function ordersOf(options: { authMode?: 'required' | 'open' } = {}) {
  const orders = await testOrders({ ...options, hasChaos: true })
  const { as, fake, database } = orders
  const owner = fake.user()
  const { body: order } = await (await as(owner)).post('/orders', keyboard).expect(201)
  await fake.publish('user.created', { id: owner, name: 'Ada', version: 1 })
  const [event] = (await (await fetch(`${fake.url}/events?limit=1&timeout=0`)).json()) as [{ id: string }]
  await database.write((tx) =>
    tx.run(
      "INSERT INTO parked_events VALUES ('user-service', ?, NULL, 'a test', '2026-01-01T00:00:00.000Z')",
      event.id,
    ),
  )
  return { ...orders, owner, orderId: order.id as string, eventId: event.id }
}

type Given = Pick<Awaited<ReturnType<typeof ordersOf>>, 'owner' | 'orderId' | 'eventId'>

/** A request to the route that is right in all but its caller. */
async function ask(
  app: RequestListener,
  route: string,
  given: Given,
  authorization?: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const [method, path = ''] = route.split(' ')
  const id = path.startsWith('/orders') ? given.orderId : path.startsWith('/parked') ? given.eventId : 'mouse'
  const target = path.replace(':id', id).replace(':code', 'forbidden')
  const verb = method!.toLowerCase() as 'get' | 'post' | 'put' | 'delete'
  const asked = request(app)[verb](target).set(headers)
  if (authorization !== undefined) void asked.set('Authorization', authorization)
  if (route === 'POST /orders') return asked.send({ ...keyboard, userId: given.owner })
  if (route === 'GET /orders') return asked.query({ userId: given.owner })
  if (route === 'PUT /faults') return asked.send({})
  if (route === 'GET /log-lines') return asked.query({ about: 'a-request' })
  if (route.startsWith('PUT')) return asked.send({ name: 'Mouse', priceCents: 2499 })
  return asked
}

async function everythingStored({ read }: Database): Promise<unknown> {
  const tables = ['products', 'orders', 'order_steps', 'events', 'user_copies', 'parked_events', 'followed_feeds']
  return Promise.all(tables.map((table) => read.all(`SELECT * FROM ${table}`)))
}

async function authorizations({ fake }: TestOrders, owner: string): Promise<(string | undefined)[]> {
  const tokens = await Promise.all([owner, fake.user(), 'admin'].map((subject) => fake.token(subject)))
  return [undefined, ...tokens.map((token) => `Bearer ${token}`)]
}

/** As user-service signs it, but for the key and what is given. */
function adminToken(key: SigningKey, claims: Partial<TokenClaims>): Promise<string> {
  return signToken(key, realSystem, {
    issuer: 'user-service',
    subject: 'admin',
    audience: ['user-service', 'order-service'],
    scope: 'admin',
    lifetimeSeconds: 900,
    ...claims,
  })
}

describe('Access', () => {
  it('is declared here for every route', async () => {
    const { plainApp } = await testOrders({ hasChaos: true })
    const here = access.map(([route]) => route.replace(/^\w+/, (method) => method.toLowerCase()))
    expect(here.map((route) => route.replace(/:(\w+)/g, '{$1}')).sort()).toEqual(mountedRoutes(plainApp))
  })

  it.each(access)(
    '%s answers %i to nobody, %i to the owner, %i to another user, %i to the admin',
    async (route, ...is) => {
      const orders = await ordersOf()
      for (const [i, authorization] of (await authorizations(orders, orders.owner)).entries()) {
        const before = await everythingStored(orders.database)
        const answer = await ask(orders.app, route, orders, authorization)
        expect(answer.status).toBe(is[i])
        if (answer.status < 400) continue
        expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
        expect(answer.body.code).toBe(codes[answer.status])
        expect(answer.headers['www-authenticate']).toBe(challenges[answer.status])
        expect(await everythingStored(orders.database)).toEqual(before)
      }
    },
  )

  it.each(guarded)('%s returns 401 and changes nothing for a broken token, in either mode', async (route) => {
    for (const authMode of ['required', 'open'] as const) {
      const orders = await ordersOf({ authMode })
      const before = await everythingStored(orders.database)
      const { fake, signingKey, owner } = orders
      const token = await fake.token(owner)
      for (const authorization of [
        'Bearer no.token.atall',
        `Bearer ${token.slice(0, -2)}`,
        token,
        `Basic ${token}`,
        'Bearer',
        `Bearer ${await adminToken(signingKey, {})}`,
        `Bearer ${await adminToken(signingKey, { issuer: 'order-service' })}`,
        `Bearer ${await adminToken(fake.signingKey, { audience: ['user-service'] })}`,
        `Bearer ${await adminToken(fake.signingKey, { scope: 'service' })}`,
      ]) {
        const answer = await ask(orders.app, route, orders, authorization)
        expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 401, code: 'unauthenticated' })
        const wasShown = /^Bearer ./.test(authorization)
        expect(answer.headers['www-authenticate']).toBe(wasShown ? 'Bearer error="invalid_token"' : 'Bearer')
      }
      expect(await everythingStored(orders.database)).toEqual(before)
    }
  })

  it.each(guarded)(
    '%s allows a request without a token what an admin may do if AUTH_MODE is open',
    async (route, ...is) => {
      const orders = await ordersOf({ authMode: 'open' })
      expect((await ask(orders.app, route, orders)).status).toBe(is.at(-1))
    },
  )

  it.each(access)(
    '%s is a 403 to other web pages in open mode, unless it is about the service itself',
    async (route) => {
      const orders = await ordersOf({ authMode: 'open' })
      const before = await everythingStored(orders.database)
      const aboutItself = /^GET \/(docs.*|openapi.json|metrics|health.*|.well-known.*|problems.*)?$/.test(route)
      for (const headers of ofOtherPages) {
        const answer = await ask(orders.app, route, orders, undefined, headers)
        expect(answer.status).toBe(aboutItself ? 200 : 403)
      }
      expect(await everythingStored(orders.database)).toEqual(before)
    },
  )
})
