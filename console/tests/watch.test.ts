import { Api, NoResponse } from '../src/api/http'
import { Admin } from '../src/watch/admin'
import { EventLog, ParkedEvents } from '../src/watch/event-log'
import { FaultSwitches, faultSwitches } from '../src/watch/fault-switches'
import { logLinesAbout } from '../src/watch/log-lines'
import { Monitor } from '../src/watch/monitor'
import { status } from './support/fake-status'

interface Asked {
  method: string
  path: string
  token: string | null
  body: unknown
}

type Answer = [status: number, body: unknown, headers?: Record<string, string>]

/** An API whose responses a test sets, by method and path without its query; a number of 0 breaks the connection. */
function fakeApi(answers: Record<string, Answer | (() => Answer)>) {
  const asked: Asked[] = []
  const api = new Api(async (url, init = {}) => {
    const method = init.method ?? 'GET'
    const path = url as string
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined
    asked.push({ method, path, token: new Headers(init.headers).get('Authorization'), body })
    const answer = answers[`${method} ${path.split('?')[0]}`] ?? [404, { code: 'not-found' }]
    const [code, sent, headers] = typeof answer === 'function' ? answer() : answer
    if (code === 0) throw new TypeError('Failed to fetch')
    return new Response(code === 204 ? null : JSON.stringify(sent), { status: code, ...(headers && { headers }) })
  })
  return { api, asked }
}

function fakeStorage(initial: Record<string, string> = {}) {
  const items = new Map(Object.entries(initial))
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  }
}

const tokens: Record<string, Answer> = {
  'POST /user-service/tokens': [200, { accessToken: 'token', expiresIn: 900 }],
  'GET /order-service/status': [200, status()],
}

async function unlocked(answers: Record<string, Answer | (() => Answer)>) {
  const { api, asked } = fakeApi({ ...tokens, ...answers })
  const admin = new Admin(api, fakeStorage())
  await admin.unlock('key')
  asked.length = 0
  return { api, admin, asked }
}

describe("The administrator's access", () => {
  it('is that of a key which order-service takes for an administrator’s, and the tab keeps it', async () => {
    const { api } = fakeApi(tokens)
    const storage = fakeStorage()
    await new Admin(api, storage).unlock('key')
    const again = new Admin(api, storage)
    await again.start()
    expect(again.access.value).toBe('key')
    again.lock()
    expect([again.access.value, storage.items.size]).toEqual(['none', 0])
  })

  it.each<[string, Record<string, Answer>]>([
    ['that is not known', { 'POST /user-service/tokens': [401, {}] }],
    ['of an ordinary user', { ...tokens, 'GET /order-service/status': [403, {}] }],
  ])('is none with a key %s, which is not kept', async (_what, answers) => {
    const { api } = fakeApi(answers)
    const storage = fakeStorage()
    const admin = new Admin(api, storage)
    await expect(admin.unlock('key')).rejects.toThrow()
    expect([admin.access.value, storage.items.size]).toEqual(['none', 0])
  })

  it('is open if the services ask for no token', async () => {
    const { api } = fakeApi({ 'GET /order-service/status': [200, status()] })
    const admin = new Admin(api, fakeStorage())
    await admin.start()
    expect(admin.access.value).toBe('open')
  })

  it('is found out again if user-service does not respond, and the key is kept', async () => {
    const { api } = fakeApi({ 'POST /user-service/tokens': [0, {}] })
    const storage = fakeStorage({ 'tandem-admin-key': 'key' })
    await expect(new Admin(api, storage).start()).rejects.toThrow(NoResponse)
    expect(storage.items.get('tandem-admin-key')).toBe('key')
  })
})

describe('The monitor of a service', () => {
  const health: Answer = [200, { version: '0.1.0', lag: { 'user-service': { events: 3, seconds: null } } }]

  it('shows the version and the lag to anybody, and no replicas', async () => {
    const { api } = fakeApi({ 'GET /order-service/health': health })
    const monitor = new Monitor('order-service', api, new Admin(api, fakeStorage()))
    await monitor.askNow()
    expect(monitor.seen.value).toEqual({
      state: 'up',
      health: { version: '0.1.0', lag: { 'user-service': { events: 3, seconds: null } } },
      replicas: new Map(),
    })
  })

  it('shows an administrator each replica that has responded', async () => {
    let replica = 'a1'
    const { api, admin } = await unlocked({
      'GET /order-service/health': health,
      'GET /order-service/status': () => [200, status({ replica })],
    })
    const monitor = new Monitor('order-service', api, admin)
    await monitor.askNow()
    replica = 'b2'
    await monitor.askNow()
    expect([...monitor.seen.value.replicas.keys()]).toEqual(['a1', 'b2'])
    expect(monitor.status).toMatchObject({
      circuits: [{ state: 'open', probesAt: Date.parse('2026-01-01T00:00:01Z') }],
      unfinished: { pending: 2, cancelling: 1 },
      faults: { frozen: true },
    })
  })

  it.each<[string, Answer, string]>([
    ['does not respond', [0, {}], 'the connection broke'],
    ['is not ready', [503, {}], 'a response without its health (503)'],
    ['responds with something else', [200, { hello: 'world' }], 'a response without a version'],
  ])('says why a service is down that %s', async (_what, answer, why) => {
    const { api } = fakeApi({ 'GET /order-service/health': answer })
    const monitor = new Monitor('order-service', api, new Admin(api, fakeStorage()))
    await monitor.askNow()
    expect(monitor.seen.value).toMatchObject({ state: 'down', why })
  })
})

describe('An event log', () => {
  const event = (id: string) => ({ id, type: 'order.confirmed', subject: 'a', time: '2026-01-01T00:00:00Z' })

  it('is read on from the last event, and says how many are left', async () => {
    const pages: Answer[] = [
      [200, [event('1'), event('2')], { 'Remaining-Events': '1' }],
      [200, [event('3')], { 'Remaining-Events': '0' }],
    ]
    const { admin, asked } = await unlocked({ 'GET /order-service/events': () => pages.shift()! })
    const log = new EventLog('order-service', admin)
    await log.readNow()
    expect(log.position.value).toEqual({ read: 2, left: 1 })
    await log.readNow()
    expect(log.position.value).toEqual({ read: 3, left: 0 })
    expect(log.newest.items.map(({ id }) => id)).toEqual(['3', '2', '1'])
    expect(asked.map(({ path }) => path.split('limit=1000')[1])).toEqual(['', '&lastEventId=2'])
  })

  it('starts over if the service no longer knows the last event', async () => {
    const pages: Answer[] = [
      [200, [event('1')]],
      [400, { code: 'invalid-request' }],
      [200, [event('7')]],
    ]
    const { admin } = await unlocked({ 'GET /order-service/events': () => pages.shift()! })
    const log = new EventLog('order-service', admin)
    for (let i = 0; i < 3; i += 1) await log.readNow()
    expect(log.position.value).toEqual({ read: 1, left: 0 })
  })

  it('says that it could not be read', async () => {
    const { admin } = await unlocked({ 'GET /order-service/events': [503, {}] })
    const log = new EventLog('order-service', admin)
    await log.readNow()
    expect(log.fault.value).toBe('a response without events (503)')
  })
})

describe('Parked events', () => {
  const parked = [{ id: 'e1', type: 'user.created', error: 'no room' }]

  it('can be retried, and are gone then', async () => {
    let left = parked
    const { admin } = await unlocked({
      'GET /order-service/parked-events': () => [200, left],
      'POST /order-service/parked-events/e1/retry': () => [204, (left = [])],
    })
    const events = new ParkedEvents(admin)
    await events.readNow()
    expect(events.events.value).toEqual(parked)
    await events.retry('e1')
    expect([events.events.value, events.fault.value]).toEqual([[], undefined])
  })

  it('stay, with the reason, if the retry fails', async () => {
    const { admin } = await unlocked({
      'GET /order-service/parked-events': [200, parked],
      'POST /order-service/parked-events/e1/retry': [409, { code: 'event-not-handled' }],
    })
    const events = new ParkedEvents(admin)
    await events.retry('e1')
    expect(events.events.value).toEqual(parked)
    expect(events.fault.value).toBe('The event could not be handled (409).')
  })
})

describe('A fault switch', () => {
  const frozen = faultSwitches.find(({ name }) => name === 'frozen')!

  it('switches its fault on with the token of the administrator', async () => {
    const { admin, asked } = await unlocked({ 'PUT /user-service/faults': [200, {}] })
    const switches = new FaultSwitches('user-service', admin)
    await switches.turnOn(frozen)
    expect(asked).toEqual([
      { method: 'PUT', path: '/user-service/faults', token: 'Bearer token', body: { frozen: true } },
    ])
    expect(switches.fault.value).toBeUndefined()
  })

  it('tries again after a 503, and says so if that does not help', async () => {
    jest.useFakeTimers()
    const { admin, asked } = await unlocked({ 'DELETE /user-service/faults': [503, { code: 'unavailable' }] })
    const switches = new FaultSwitches('user-service', admin)
    const done = switches.turnOff()
    await jest.advanceTimersByTimeAsync(60_000)
    await done
    jest.useRealTimers()
    expect([asked.length, switches.fault.value]).toEqual([5, 'unavailable'])
  })
})

describe('The log lines of an order', () => {
  const line = (time: string, fields: object) =>
    JSON.stringify({ time: `2026-01-01T00:00:${time}Z`, msg: 'request', ...fields })

  it('are those of both services, each once, by the time at which a request began', async () => {
    const first = line('02.000', { method: 'POST', route: '/orders', status: 201, ms: 1500 })
    const second = line('01.000', { method: 'PUT', route: '/users/:id/holds/:orderId', status: 201, ms: 100 })
    const { admin, asked } = await unlocked({
      'GET /order-service/log-lines': [200, [first]],
      'GET /user-service/log-lines': [200, [second]],
    })
    const lines = await logLinesAbout(admin, ['key', 'order'])
    expect(lines.map(({ service, request }) => [service, request?.title])).toEqual([
      ['order-service', 'POST /orders'],
      ['user-service', 'PUT /users/:id/holds/:orderId'],
    ])
    expect(asked).toHaveLength(4)
  })
})
