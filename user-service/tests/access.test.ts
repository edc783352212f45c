import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import request, { type Response } from 'supertest'
import { realSystem } from '@tandem/chassis/system'
import { mountedRoutes } from '../../chassis/testing/conforming'
import { expectProblem } from './support/problem'
import { everythingStored } from './support/stored'
import { newSigningKey } from '../../chassis/testing/tokens'
import { bearer, newEmail, signServiceToken, testUsers, type TestUsers } from './support/user-app'

const hasChaos = true

/** What each of them is answered: nobody (no token), the user itself, another user, the admin, order-service. */
const access: [route: string, nobody: number, self: number, other: number, admin: number, service: number][] = [
  ['GET /', 200, 200, 200, 200, 200],
  ['GET /docs', 200, 200, 200, 200, 200],
  ['GET /docs/start.js', 200, 200, 200, 200, 200],
  ['GET /docs/swagger-ui.css', 200, 200, 200, 200, 200],
  ['GET /docs/swagger-ui-bundle.js', 200, 200, 200, 200, 200],
  ['GET /openapi.json', 200, 200, 200, 200, 200],
  ['GET /metrics', 200, 200, 200, 200, 200],
  ['GET /health', 200, 200, 200, 200, 200],
  ['GET /health/ready', 200, 200, 200, 200, 200],
  ['GET /health/live', 200, 200, 200, 200, 200],
  ['GET /status', 401, 403, 403, 200, 403],
  ['GET /faults', 401, 403, 403, 200, 403],
  ['PUT /faults', 401, 403, 403, 200, 403],
  ['DELETE /faults', 401, 403, 403, 200, 403],
  ['POST /faults/crash', 401, 403, 403, 202, 403],
  ['GET /log-lines', 401, 403, 403, 200, 403],
  ['GET /.well-known/jwks.json', 200, 200, 200, 200, 200],
  ['GET /problems/:code', 200, 200, 200, 200, 200],
  ['GET /events', 401, 403, 403, 200, 200],
  ['POST /users', 201, 201, 201, 201, 201],
  ['POST /tokens', 401, 401, 401, 401, 401], // it takes keys, not tokens
  ['POST /users/:id/keys', 401, 403, 403, 201, 403], // it takes the user's key, not a token; an admin's token
  ['GET /users', 401, 403, 403, 200, 403],
  ['GET /users/:id', 401, 200, 404, 200, 200],
  ['PATCH /users/:id', 401, 200, 404, 200, 403],
  ['DELETE /users/:id', 401, 204, 404, 204, 403],
  ['POST /users/:id/deposits', 401, 403, 403, 201, 403],
  ['PUT /users/:id/holds/:orderId', 401, 403, 403, 403, 201],
  ['POST /holds', 401, 403, 403, 403, 200],
  ['DELETE /users/:id/holds/:orderId', 401, 403, 403, 403, 204],
]
const callers = ['nobody', 'the user itself', 'another user', 'the admin', 'order-service'] as const
const cells = access.flatMap(([route, ...statuses]) =>
  callers.map((caller, i) => ({ route, caller, status: statuses[i]! })),
)
const guarded = access.filter(([route, nobody]) => nobody === 401 && route !== 'POST /tokens')
const ofOtherPages = [
  { Origin: 'https://evil.example' },
  { 'Sec-Fetch-Site': 'cross-site' },
  { Host: 'rebind.example' },
]
const codes: Record<number, string> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'user-not-found' }

/** A request to the route that is right in all but its caller; the same one each time that it is sent. */
function requestTo(
  app: RequestListener,
  route: string,
  userId: string,
  headers: Record<string, string> = {},
): (authorization?: string) => Promise<Response> {
  const [method, path] = route.split(' ')
  const target = path!.replace(':id', userId).replace(':orderId', randomUUID()).replace(':code', 'forbidden')
  const key = randomUUID()
  return async (authorization) => {
    const verb = method!.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete'
    const asked = request(app)[verb](target).set(headers)
    if (authorization !== undefined) void asked.set('Authorization', authorization)
    if (route === 'POST /users') return asked.send({ name: 'Bob', email: newEmail() })
    if (route.startsWith('PATCH')) return asked.send({ name: 'Bob' })
    if (route.endsWith('/deposits')) return asked.set('Idempotency-Key', key).send({ amountCents: 100 })
    if (route === 'PUT /faults') return asked.send({})
    if (route === 'GET /log-lines') return asked.query({ about: 'a-request' })
    if (route === 'POST /holds') return asked.send({ holds: [{ orderId: randomUUID(), userId, amountCents: 100 }] })
    if (route.startsWith('PUT')) return asked.send({ amountCents: 100 })
    return asked
  }
}

async function tokenOf(caller: (typeof callers)[number], own: string, users: TestUsers): Promise<string | undefined> {
  switch (caller) {
    case 'nobody':
      return undefined
    case 'the user itself':
      return own
    case 'another user':
      return (await users.signUp()).token
    case 'the admin':
      return users.adminToken()
    case 'order-service':
      return users.serviceToken()
  }
}

describe('Access', () => {
  it('is declared here for every route', async () => {
    const { plainApp } = await testUsers({ hasChaos })
    const here = access.map(([route]) => route.replace(/^\w+/, (method) => method.toLowerCase()))
    expect(here.map((route) => route.replace(/:(\w+)/g, '{$1}')).sort()).toEqual(mountedRoutes(plainApp))
  })

  it.each(cells)('$route returns $status to $caller', async ({ route, caller, status }) => {
    const users = await testUsers({ hasChaos })
    const { id, token } = await users.signUp()
    const shown = await tokenOf(caller, token, users)
    const before = await everythingStored(users.database)

    const answer = await requestTo(users.app, route, id)(shown && `Bearer ${shown}`)

    if (status < 400) expect(answer.status).toBe(status)
    else {
      expectProblem(answer, status, codes[status]!)
      expect(await everythingStored(users.database)).toEqual(before)
    }
    if (status !== 401 && status !== 403) return
    const error = { 401: shown && 'invalid_token', 403: 'insufficient_scope' }[status]
    expect(answer.headers['www-authenticate']).toBe(error ? `Bearer error="${error}"` : 'Bearer')
  })

  it.each(guarded)('%s returns 401 and changes nothing for a broken token, in either mode', async (route) => {
    for (const authMode of ['required', 'open'] as const) {
      const users = await testUsers({ authMode, hasChaos })
      const { id, token } = await users.signUp()
      const stranger = await newSigningKey()
      const before = await everythingStored(users.database)
      const ask = requestTo(users.app, route, id)
      for (const authorization of [
        'Bearer no.token.atall',
        `Bearer ${token.slice(0, -2)}`,
        token,
        `Basic ${token}`,
        'Bearer',
        `Bearer ${await signServiceToken(stranger)}`,
        `Bearer ${await signServiceToken(users.orderServiceKey, realSystem, { issuer: 'user-service' })}`,
        `Bearer ${await signServiceToken(users.orderServiceKey, realSystem, { audience: ['order-service'] })}`,
        `Bearer ${await signServiceToken(users.orderServiceKey, realSystem, { scope: 'admin' })}`,
        `Bearer ${await signServiceToken(users.signingKey, realSystem, { issuer: 'user-service', subject: id })}`,
      ]) {
        expectProblem(await ask(authorization), 401, 'unauthenticated')
      }
      expect(await everythingStored(users.database)).toEqual(before)
    }
  })
})

describe('AUTH_MODE=open', () => {
  it.each(guarded)('%s allows a request without a token what admin and service may do', async (route, ..._statuses) => {
    const { app, signUp } = await testUsers({ authMode: 'open', hasChaos })
    const { id } = await signUp()
    const answer = await requestTo(app, route, id)()
    expect(answer.status).toBe(
      Math.min(
        ...access
          .find(([name]) => name === route)!
          .slice(4)
          .map(Number),
      ),
    )
  })

  it.each(access)('%s returns 403 to other web pages, unless it describes the service itself', async (route) => {
    const { app, database, signUp } = await testUsers({ authMode: 'open', hasChaos })
    const { id, apiKey } = await signUp()
    const before = await everythingStored(database)
    const aboutItself = /^GET \/(docs.*|openapi.json|metrics|health.*|.well-known.*|problems.*)?$/.test(route)
    for (const headers of ofOtherPages) {
      const answer = await requestTo(app, route, id, headers)(route === 'POST /tokens' ? `Bearer ${apiKey}` : undefined)
      if (aboutItself) expect(answer.status).toBe(200)
      else expectProblem(answer, 403, 'forbidden')
    }
    expect(await everythingStored(database)).toEqual(before)
  })

  it('still limits a user with a token to its own data', async () => {
    const { app, database, signUp } = await testUsers({ authMode: 'open' })
    const [{ token }, other] = [await signUp(), await signUp()]
    const before = await everythingStored(database)
    expectProblem(await request(app).get(`/users/${other.id}`).auth(token, bearer), 404, 'user-not-found')
    const answer = await requestTo(app, 'POST /users/:id/deposits', other.id)(`Bearer ${token}`)
    expectProblem(answer, 403, 'forbidden')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('still accepts no access token instead of a key at POST /tokens', async () => {
    const { app } = await testUsers({ authMode: 'open' })
    expectProblem(await request(app).post('/tokens'), 401, 'unauthenticated')
  })
})

describe('A request with several faults', () => {
  it('is checked for its token, then its kind, then its body, then existence', async () => {
    const { app, database, signUp, adminToken } = await testUsers()
    const { token } = await signUp()
    const before = await everythingStored(database)
    const ask = () => request(app).post(`/users/${randomUUID()}/deposits`).set('Idempotency-Key', 'a-key-of-ours')
    const admin = await adminToken()
    expectProblem(await ask().type('text').send('{"'), 401, 'unauthenticated')
    expectProblem(await ask().auth(token, bearer).type('text').send('{"'), 403, 'forbidden')
    expectProblem(await ask().auth(admin, bearer).type('text').send('{"'), 415, 'unsupported-media-type')
    expectProblem(await ask().auth(admin, bearer).type('json').send('{"'), 400, 'invalid-request')
    expectProblem(await ask().auth(admin, bearer).send({ amountCents: 0 }), 400, 'invalid-request')
    expectProblem(await ask().auth(admin, bearer).send({ amountCents: 1 }), 404, 'user-not-found')
    const long = ask()
      .auth(admin, bearer)
      .send({ amountCents: 1, more: 'x'.repeat(17_000) })
    expectProblem(await long, 413, 'too-large')
    expect(await everythingStored(database)).toEqual(before)
  })
})
