import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { adminToken, ask, askUntilAnswered, oneKeyboard, orderBecomes, signUp } from '../harness/callers'
import { commandsOf } from '../harness/commands'
import { eventually } from '../harness/eventually'
import { compose, environment, inContainer, root, startStack, type ServiceName } from '../harness/stack'
import { expectShown } from './support/expect-shown'

beforeEach(startStack)

test("a user's name is in its orders within a second, follows a rename, and is gone everywhere after a deletion", async () => {
  const admin = { id: 'admin', token: await adminToken() }
  await orderServiceFollows()
  const name = `Grace ${randomUUID()}`
  const newName = `Amazing ${name}`
  const user = await signUp(name)
  const account = { path: `/users/${user.id}`, token: user.token }

  const signedUp = performance.now()
  const confirmed = await ask('order-service', oneKeyboard(user, 'while-both-run'))
  expect(confirmed.status).toBe(201)
  await eventuallyNamed([name], user.id, admin.token)
  const named = performance.now()
  expect((await ask('user-service', { ...account, method: 'PATCH', body: { name: newName } })).status).toBe(200)
  await eventuallyNamed([newName], user.id, admin.token)
  const renamed = performance.now()
  const took = { signUp: Math.round(named - signedUp), rename: Math.round(renamed - named) }
  process.stdout.write(`in an order, the name is seen in ${took.signUp} ms, another one in ${took.rename} ms\n`)
  expect(Math.max(took.signUp, took.rename)).toBeLessThan(1000)
  expect(await tablesWith(name, 'user-service')).toEqual(['events', 'users'])
  expect(await tablesWith(name, 'order-service')).toEqual(['user_copies'])

  await compose('stop', 'user-service')
  const pending = await ask('order-service', oneKeyboard(user, 'while-user-service-is-away'))
  expect(pending.status).toBe(202)
  expect(await namesInOrders(user.id, admin.token)).toEqual([newName, newName])
  await compose('stop', 'order-service') // else the order may be confirmed before its user is deleted
  await compose('start', 'user-service')
  expect((await askUntilAnswered('user-service', { ...account, method: 'DELETE' })).status).toBe(204)
  await compose('start', 'order-service')

  await eventuallyNamed([null, null], user.id, admin.token)
  const rejected = await orderBecomes('rejected', pending.body.id, admin)
  expect(rejected.body).toMatchObject({ reason: 'user-not-found', user: null })
  const kept = await ask('order-service', { path: `/orders/${confirmed.body.id}`, token: admin.token })
  expect(kept.body).toMatchObject({ status: 'confirmed', user: null })
  const told = (await allEvents(admin.token)).filter(({ subject }) => subject === user.id)
  expect(told.map(({ type, data }) => [type, data.name])).toEqual([
    ['user.created', null],
    ['user.updated', null],
    ['user.deleted', null],
  ])
  expect(await tablesWith(name, 'user-service')).toEqual([])
  expect(await tablesWith(name, 'order-service')).toEqual([])
  expect(await compose('logs')).not.toContain(name)
})

test('the commands of the docs read a feed with curl, and run the example that follows both', async () => {
  const [user] = [await signUp(), await signUp(), await signUp()]
  expect((await ask('order-service', oneKeyboard(user, 'for-the-example'))).status).toBe(201)
  const commands = commandsOf('docs/events.md', 'events')
  const [prepare, readPage, readOn, follow] = commands
  const bash = spawn('bash', ['-e', '-c', commands.map(({ script }) => script).join('')], {
    cwd: root,
    env: environment,
    detached: true, // a group of its own, as a terminal gives to what it starts
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const closed = once(bash, 'close')
  let printed = ''
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
  try {
    const total = `${user.id}  4999 cents  Ada\n`
    await eventually(30_000, 'the example prints the total', async () => printed.includes(total) || undefined)
  } finally {
    process.kill(-bash.pid!, 'SIGINT')
    await closed
  }
  expect([prepare!.shown, readOn!.shown]).toEqual([[], []])
  expectShown(printed, readPage!)
  expectShown(printed, follow!)
  const [page = '', rest = ''] = printed.split('\n')
  const [, second] = JSON.parse(page) as { id: string }[]
  const ids = (JSON.parse(rest) as { id: string }[]).map(({ id }) => id)
  expect(ids.length).toBeGreaterThan(0)
  expect(ids).not.toContain(second!.id)
})

/** Until nothing keeps order-service from hearing at once what user-service tells. */
async function orderServiceFollows(): Promise<void> {
  await eventually(30_000, 'order-service follows user-service', async () => {
    const { body } = await ask('order-service', { path: '/health/ready' })
    const { events, seconds } = body.lag['user-service']
    return events === 0 && seconds === 0 ? true : undefined
  })
}

/** What the orders of a user say that it is called, newest first. */
async function namesInOrders(userId: string, token: string): Promise<(string | null)[]> {
  const { body } = await askUntilAnswered('order-service', { path: `/orders?userId=${userId}`, token })
  return (body as { user: { name: string } | null }[]).map(({ user }) => user?.name ?? null)
}

function eventuallyNamed(names: (string | null)[], userId: string, token: string): Promise<true> {
  return eventually(30_000, `the orders of ${userId} name ${String(names)}`, async () => {
    return JSON.stringify(await namesInOrders(userId, token)) === JSON.stringify(names) ? true : undefined
  })
}

interface FedEvent {
  id: string
  type: string
  subject: string
  data: { name: string | null }
}

/** All that user-service tells. */
async function allEvents(token: string): Promise<FedEvent[]> {
  const found: FedEvent[] = []
  for (;;) {
    const query = new URLSearchParams({ limit: '1000', lastEventId: found.at(-1)?.id ?? '' })
    const { status, body } = await ask('user-service', { path: `/events?${query.toString()}`, token })
    expect(status).toBe(200)
    if (body.length === 0) return found
    found.push(...(body as FedEvent[]))
  }
}

/** The tables of a service's database that have the text anywhere. */
async function tablesWith(text: string, service: ServiceName): Promise<unknown> {
  return inContainer(
    service,
    `const { DatabaseSync } = require('node:sqlite')
     const database = new DatabaseSync(process.env.DATABASE_URL.slice('sqlite:'.length), { readOnly: true })
     const rowsOf = (table) => database.prepare('SELECT * FROM ' + table).all()
     const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
     const found = tables.map(({ name }) => name).filter((name) => JSON.stringify(rowsOf(name)).includes(process.argv[1]))
     console.log(JSON.stringify(found))`,
    text,
  )
}
