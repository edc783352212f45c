import { connect } from 'node:net'
import { once } from 'node:events'
import { ask, type Answer } from '../access/ask'
import type { Address, Tandem } from '../harness/tandem'
import { whileBroken } from './broken-database'
import type { Canaries } from './secrets'

export interface Told {
  /** The bodies and headers of all responses that are errors. */
  errors: string
  user: { id: string; apiKey: string; replacedKey: string; token: string }
  adminToken: string
}

type Fields = Record<string, string>

/** Puts every canary and credential where callers put them, rightly and wrongly. */
export async function tellEverything(tandem: Tandem, canaries: Canaries): Promise<Told> {
  const { adminKey, at } = tandem
  const { 'user-service': users, 'order-service': orders } = at
  const errors: string[] = []
  const send = async (
    service: Address,
    route: string,
    body?: unknown,
    bearer?: string,
    more: Fields = {},
  ): Promise<Answer> => {
    const [method = '', path = ''] = route.split(' ')
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...more }
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await ask(
      service,
      method,
      { path, headers, body: text },
      bearer === undefined ? undefined : `Bearer ${bearer}`,
    )
    if (answer.status >= 400) errors.push(answer.comparable)
    return answer
  }
  const token = async (key: string) => bodyOf(await send(users, 'POST /tokens', undefined, key)).accessToken
  const signUp = async (name: string, email: string) => {
    const made = await send(users, 'POST /users', { name, email: `${email}@example.com` }, undefined, traced)
    return bodyOf(made)
  }
  const { name, email, deletedName, deletedEmail, query, path, header, cookie, body, key, bearer } = canaries
  // Of a version to come, which may have more at the end.
  const traceparent = `cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-${header}`
  const traced = { traceparent, tracestate: `name=${header}` }
  const adminToken = await token(adminKey)
  const { id, apiKey: replacedKey } = await signUp(name, email)
  const own = await token(replacedKey)
  const { apiKey } = bodyOf(await send(users, `POST /users/${id}/keys`, undefined, replacedKey))
  const items = [{ productId: 'mouse', quantity: 1 }]
  const order = { 'idempotency-key': key }
  await send(orders, 'POST /orders', { items }, own, order)
  await send(orders, 'POST /orders', { items: [{ productId: 'mouse', quantity: 2 }] }, own, order)
  await send(orders, 'POST /orders', { items: [{ productId: 'monitor', quantity: 1000 }] }, own)
  await send(users, `POST /users/${id}/deposits`, { amountCents: 1 }, adminToken, order)

  const gone = await signUp(deletedName, deletedEmail)
  const goneToken = await token(gone.apiKey)
  await send(users, `PATCH /users/${gone.id}`, { name: `${deletedName} again` }, goneToken)
  await send(orders, 'POST /orders', { items }, goneToken)
  await send(users, `DELETE /users/${gone.id}`, undefined, goneToken)
  await send(orders, 'POST /orders', { items }, goneToken)

  const wrongBodies = [
    { name, email: `${email}@example.com` },
    { name: body, email: body },
    { name: body.repeat(20), email: `${body}@example.com` },
    { name: { [body]: body } },
    `{"name":"${body}`,
    `{"name":"${body}","name":"${body}"}`,
    `"${body}"`,
    `{"name":"${body}${' '.repeat(20_000)}"}`,
    { items: [{ productId: body, quantity: body }] },
    { userId: body, items },
    { amountCents: body },
  ]
  const credentials = [own, apiKey, replacedKey, adminKey, adminToken, bearer, `${own.slice(0, -3)}AAA`]
  for (const service of [users, orders]) {
    const routes =
      service === users
        ? ['POST /users', `PATCH /users/${id}`, `POST /users/${id}/deposits`]
        : ['POST /orders', 'PUT /products/mouse']
    for (const route of routes)
      for (const wrong of wrongBodies)
        for (const by of [own, adminToken]) await send(service, route, wrong, by, { 'idempotency-key': `${key}-2` })
    for (const credential of credentials) {
      for (const route of [
        `GET /users/${id}`,
        'GET /orders',
        'POST /tokens',
        `POST /users/${id}/keys`.replace(id, gone.id),
      ])
        await send(service, route, undefined, credential)
      const shown = encodeURIComponent(credential)
      await send(service, `GET /${shown}`)
      await send(service, `GET /users/${shown}?token=${shown}`, undefined, own)
      await send(service, `GET /orders?status=${shown}&access_token=${shown}`, undefined, own)
      await send(service, 'GET /products', undefined, undefined, {
        cookie: `session=${credential}`,
        'x-api-key': credential,
      })
      await ask(service, 'GET', { path: '/status', headers: { authorization: `Basic ${credential}` }, body: undefined })
    }
    await send(service, `GET /orders?limit=${query}&${query}=${query}`, undefined, adminToken)
    await send(service, `GET /users?after=${query}`, undefined, adminToken)
    await send(service, `GET /${path}/users/${path}`, undefined, own)
    await send(service, `GET /users/${path}`, undefined, own)
    await send(service, `GET /orders/${path}`, undefined, own)
    const odd = {
      'if-match': header,
      'idempotency-key': `${header} !`,
      traceparent: header,
      'x-request-id': `${header} !`,
      origin: header,
    }
    await send(service, `PATCH /users/${id}`, { name }, own, {
      ...odd,
      cookie,
      referer: header,
      'user-agent': header,
      'x-forwarded-for': header,
    })
    await send(service, 'POST /orders', { items }, own, { ...odd, cookie })
    await send(service, 'GET /health', undefined, undefined, { ...odd, cookie })
    for (const text of [
      `${canaries.raw}\r\n\r\n`,
      `GET /${canaries.raw} HTTP/9.9\r\n\r\n`,
      `GET / HTTP/1.1\r\n${canaries.raw}\0: 1\r\n\r\n`,
    ])
      await raw(service.port, text)
    await send(service, 'PUT /faults', { errorRate: 1 }, adminToken)
    for (const route of ['GET /users', 'GET /orders']) await send(service, route, undefined, own)
    await send(service, 'DELETE /faults', undefined, adminToken)
  }
  await whileBroken(tandem, async () => {
    const asked = [
      await send(users, 'POST /users', { name, email: `${email}2@example.com` }, undefined, traced),
      await send(users, `PATCH /users/${id}`, { name, email: `${email}3@example.com` }, own),
      await send(orders, 'POST /orders', { items }, own, { 'idempotency-key': `${key}-3` }),
    ]
    for (const { status } of asked) if (status !== 500) throw new Error(`${status} and not 500 of a broken database`)
  })
  return { errors: errors.join('\n'), user: { id, apiKey, replacedKey, token: own }, adminToken }
}

function bodyOf({ body }: Answer): Made {
  return JSON.parse(body) as Made
}

/** What the services return of what is made; which of it depends on the route. */
interface Made {
  id: string
  apiKey: string
  accessToken: string
}

async function raw(port: number, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).resume()
  socket.end(text)
  await once(socket, 'close')
}
