import { connect } from 'node:net'
import { once } from 'node:events'
import { ask, type Answer } from '../access/ask'
import type { Services } from '../harness/service-processes'
import type { Canaries } from './secrets'

export interface Told {
  /** The bodies and headers of all responses that are errors. */
  errors: string
  user: { id: string; apiKey: string; replacedKey: string; token: string }
  adminToken: string
}

type Fields = Record<string, string>

/** Puts every canary and credential where callers put them, rightly and wrongly. */
export async function tellEverything({ adminKey, ...services }: Services, canaries: Canaries): Promise<Told> {
  const ports = [services['user-service'].port, services['order-service'].port] as const
  const [users, orders] = ports
  const errors: string[] = []
  const send = async (
    port: number,
    route: string,
    body?: unknown,
    bearer?: string,
    more: Fields = {},
  ): Promise<Answer> => {
    const [method = '', path = ''] = route.split(' ')
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...more }
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await ask(
      port,
      method,
      { path, headers, body: text },
      bearer === undefined ? undefined : `Bearer ${bearer}`,
    )
    if (answer.status >= 400) errors.push(answer.comparable)
    return answer
  }
  const token = async (key: string) => bodyOf(await send(users, 'POST /tokens', undefined, key)).accessToken
  const signUp = async (name: string, email: string) => {
    const made = await send(users, 'POST /users', { name, email: `${email}@example.com` })
    return bodyOf(made)
  }
  const adminToken = await token(adminKey)
  const { name, email, deletedName, deletedEmail, query, path, header, cookie, body, key, bearer } = canaries
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
  for (const port of ports) {
    const routes =
      port === users
        ? ['POST /users', `PATCH /users/${id}`, `POST /users/${id}/deposits`]
        : ['POST /orders', 'PUT /products/mouse']
    for (const route of routes)
      for (const wrong of wrongBodies)
        for (const by of [own, adminToken]) await send(port, route, wrong, by, { 'idempotency-key': `${key}-2` })
    for (const credential of credentials) {
      for (const route of [
        `GET /users/${id}`,
        'GET /orders',
        'POST /tokens',
        `POST /users/${id}/keys`.replace(id, gone.id),
      ])
        await send(port, route, undefined, credential)
      const shown = encodeURIComponent(credential)
      await send(port, `GET /${shown}`)
      await send(port, `GET /users/${shown}?token=${shown}`, undefined, own)
      await send(port, `GET /orders?status=${shown}&access_token=${shown}`, undefined, own)
      await send(port, 'GET /products', undefined, undefined, {
        cookie: `session=${credential}`,
        'x-api-key': credential,
      })
      await ask(port, 'GET', { path: '/status', headers: { authorization: `Basic ${credential}` }, body: undefined })
    }
    await send(port, `GET /orders?limit=${query}&${query}=${query}`, undefined, adminToken)
    await send(port, `GET /users?after=${query}`, undefined, adminToken)
    await send(port, `GET /${path}/users/${path}`, undefined, own)
    await send(port, `GET /users/${path}`, undefined, own)
    await send(port, `GET /orders/${path}`, undefined, own)
    const odd = {
      'if-match': header,
      'idempotency-key': `${header} !`,
      traceparent: header,
      'x-request-id': `${header} !`,
      origin: header,
    }
    await send(port, `PATCH /users/${id}`, { name }, own, {
      ...odd,
      cookie,
      referer: header,
      'user-agent': header,
      'x-forwarded-for': header,
    })
    await send(port, 'POST /orders', { items }, own, { ...odd, cookie })
    await send(port, 'GET /health', undefined, undefined, { ...odd, cookie })
    for (const text of [
      `${canaries.raw}\r\n\r\n`,
      `GET /${canaries.raw} HTTP/9.9\r\n\r\n`,
      `GET / HTTP/1.1\r\n${canaries.raw}\0: 1\r\n\r\n`,
    ])
      await raw(port, text)
    await send(port, 'PUT /faults', { errorRate: 1 }, adminToken)
    for (const route of ['GET /users', 'GET /orders']) await send(port, route, undefined, own)
    await send(port, 'DELETE /faults', undefined, adminToken)
  }
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
