import { randomBytes, randomUUID } from 'node:crypto'
import { askPort, type Answer, type Request } from '../harness/ask'
import { composeStack, serviceNames, type ServiceName } from '../harness/compose-stack'
import { eventually, pause } from '../harness/eventually'

const keyboardCents = 4999
const signUpCents = 100_000_000 // enough for all orders
const ports = { 'user-service': 3130, 'order-service': 3131, gateway: 3132 }
const stack = composeStack({
  project: 'tandem-e2e-postgres',
  ports,
  files: ['reliability/e2e/support/postgres.yml'],
  variables: { POSTGRES_PASSWORD: randomBytes(16).toString('hex'), SIGNUP_CREDIT_CENTS: String(signUpCents) },
})

beforeAll(async () => {
  await stack.compose('up', '--build', '--wait', 'postgres')
  for (const name of ['users', 'orders'])
    await sql(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  await stack.startStack()
}, 300_000)

afterAll(stack.removeStack)

function sql(statement: string): Promise<string> {
  return stack.compose('exec', '-T', 'postgres', 'psql', '-qU', 'postgres', '-c', statement)
}

/** The same request again until there is an answer that is not a fault of the service. */
function untilAnswered(service: ServiceName, request: Request): Promise<Answer> {
  return eventually(60_000, `${request.method ?? 'GET'} ${request.path} answered`, async () => {
    const answer = await askPort(ports[service], request).catch(() => undefined)
    return answer && answer.status < 500 ? answer : undefined
  })
}

async function signUp() {
  const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
  const { body: user } = await untilAnswered('user-service', { method: 'POST', path: '/users', body })
  const { body: got } = await untilAnswered('user-service', { method: 'POST', path: '/tokens', token: user.apiKey })
  return { id: user.id as string, token: got.accessToken as string }
}

test('while PostgreSQL is restarted and killed, no service ends, and no order is lost or charged twice', async () => {
  const users = await Promise.all(Array.from({ length: 24 }, signUp))
  const acknowledged = new Map<string, string[]>()
  let failures = 0
  let over = false
  const shop = async ({ id, token }: { id: string; token: string }) => {
    const ids: string[] = []
    acknowledged.set(id, ids)
    while (!over) {
      const body = { items: [{ productId: 'keyboard', quantity: 1 }] }
      const request: Request = { method: 'POST', path: '/orders', token, key: randomUUID(), body }
      const first = await askPort(ports['order-service'], request).catch(() => undefined)
      if (first === undefined || first.status >= 500) failures += 1
      const answer = await untilAnswered('order-service', request) // again with its key, also after a success
      ids.push(answer.body.id)
      await pause(200)
    }
  }
  const shopping = Promise.all(users.map(shop))
  for (const act of [
    ['kill', '-s', 'SIGKILL'],
    ['restart', '-t', '1'],
    ['kill', '-s', 'SIGKILL'],
  ]) {
    await pause(1000)
    await stack.compose(...act, 'postgres')
    await pause(500)
    await stack.compose('up', '--detach', '--no-recreate', 'postgres')
  }
  await pause(1000)
  over = true
  await shopping

  expect(failures).toBeGreaterThan(0) // else nothing was tried
  for (const { id, token } of users) {
    const orders = await eventually(60_000, 'all orders are confirmed, with the name of their user', async () => {
      const { body } = await untilAnswered('order-service', { path: '/orders?limit=100', token })
      const listed = body as { id: string; status: string; user: { name: string } | null }[]
      return listed.every(({ status, user }) => status === 'confirmed' && user?.name === 'Ada') ? listed : undefined
    })
    expect(orders.map((order) => order.id).sort()).toEqual(acknowledged.get(id)!.sort())
    const { body: user } = await untilAnswered('user-service', { path: `/users/${id}`, token })
    expect(user.creditCents).toBe(signUpCents - orders.length * keyboardCents)
  }
  for (const service of serviceNames)
    expect(await stack.inspect(service)).toMatchObject({ RestartCount: 0, State: { Running: true } })
}, 300_000)
