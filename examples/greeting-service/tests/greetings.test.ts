import { silentLog } from '@tandem/chassis/log'
import { startService } from '@tandem/chassis/service/start-service'
import { realSystem } from '@tandem/chassis/system'
import { temporaryFolder } from '@tandem/chassis/testing/temporary'
import { readConfig } from '../src/config'
import { greetingService } from '../src/service'
import { FakeUserService } from './support/fake-user-service'

interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

type Ask = (path: string, options?: { token?: string; body?: object }) => Promise<Answer>

let folder: string
let fake: FakeUserService

beforeEach(async () => {
  folder = temporaryFolder()
  fake = await FakeUserService.start()
})

function start(environment: Record<string, string>) {
  const config = readConfig({ USER_SERVICE_URL: fake.url, ...environment }, folder)
  const definition = greetingService(config)
  return startService({ definition, config, version: '1.2.3', system: realSystem, log: silentLog })
}

/** Starts the service, and stops it even if an expectation fails: Jest waits for a service that runs. */
async function withService<T>(use: (ask: Ask) => Promise<T>, environment: Record<string, string> = {}): Promise<T> {
  const service = await start({ PORT: '0', ...environment })
  try {
    return await use(async (path, { token, body } = {}) => {
      const response = await fetch(`http://127.0.0.1:${service.port}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { status: response.status, headers: response.headers, body: await response.json() }
    })
  } finally {
    await service.stop()
  }
}

test('greets a user by the name that user-service has, and keeps the greeting over a restart', async () => {
  const ada = fake.user('Ada')
  const token = await fake.token(ada)
  const { location, greeting } = await withService(async (ask) => {
    const { status, headers, body } = await ask('/greetings', { token, body: { userId: ada, words: 'Good morning' } })
    expect(status).toBe(201)
    const { text, ...kept } = body
    expect(text).toBe('Good morning, Ada')
    return { location: headers.get('location')!, greeting: kept }
  })

  await withService(async (ask) => {
    expect(await ask(location, { token })).toMatchObject({ status: 200, body: greeting })
  })
})

test('shows user-service a token of its own', async () => {
  const ada = fake.user('Ada')
  await withService(async (ask) => {
    const token = await fake.token(ada)
    await ask('/greetings', { token, body: { userId: ada, words: 'Hello' } })
    const [shown] = fake.authorizations
    const claims = JSON.parse(Buffer.from(shown!.split('.')[1]!, 'base64url').toString())
    expect(claims).toMatchObject({ iss: 'greeting-service', aud: ['user-service'], scope: 'service' })
  })
})

test('tells of the greeting in its feed, which only an admin may read', async () => {
  const ada = fake.user('Ada')
  await withService(async (ask) => {
    const token = await fake.token(ada)
    const { body } = await ask('/greetings', { token, body: { userId: ada, words: 'Hello' } })
    expect(await ask('/events', { token })).toMatchObject({ status: 403 })
    const events = await ask('/events', { token: await fake.token('admin', { scope: 'admin' }) })
    expect(events.body).toMatchObject([{ type: 'greeting.created', data: { id: body.id, userId: ada } }])
  })
})

test('returns 401 without a token, and for a token that is for another service', async () => {
  const ada = fake.user('Ada')
  const body = { userId: ada, words: 'Hello' }
  await withService(async (ask) => {
    const refused = { status: 401, body: { code: 'unauthenticated' } }
    expect(await ask('/greetings', { body })).toMatchObject(refused)
    const token = await fake.token(ada, { audience: 'order-service' })
    expect(await ask('/greetings', { token, body })).toMatchObject(refused)
  })
})

test('returns 404 for the greeting of another user, and to another user', async () => {
  const [ada, bob] = [fake.user('Ada'), fake.user('Bob')]
  await withService(async (ask) => {
    const [adas, bobs] = [await fake.token(ada), await fake.token(bob)]
    const greeting = { userId: ada, words: 'Hello' }
    expect(await ask('/greetings', { token: bobs, body: greeting })).toMatchObject({
      status: 404,
      body: { code: 'user-not-found' },
    })
    const { headers } = await ask('/greetings', { token: adas, body: greeting })
    expect(await ask(headers.get('location')!, { token: bobs })).toMatchObject({
      status: 404,
      body: { code: 'greeting-not-found' },
    })
  })
})

test('returns 404 if user-service has no such user, and keeps nothing', async () => {
  const nobody = '0b6e5a3e-0000-4000-8000-000000000000'
  await withService(async (ask) => {
    const token = await fake.token('admin', { scope: 'admin' })
    const response = await ask('/greetings', { token, body: { userId: nobody, words: 'Hello' } })
    expect(response).toMatchObject({ status: 404, body: { code: 'user-not-found' } })
    expect((await ask('/events', { token })).body).toEqual([])
  })
})

test('returns 503 with Retry-After while user-service fails, and greets again once it is back', async () => {
  const ada = fake.user('Ada')
  await withService(async (ask) => {
    const request = { token: await fake.token(ada), body: { userId: ada, words: 'Hello' } }
    fake.status = 500
    const refused = await ask('/greetings', request)
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    fake.status = undefined
    expect(await ask('/greetings', request)).toMatchObject({ status: 201 })
  })
})

test('needs no token in open mode', async () => {
  const ada = fake.user('Ada')
  await withService(
    async (ask) => {
      const response = await ask('/greetings', { body: { userId: ada, words: 'Hello' } })
      expect(response).toMatchObject({ status: 201, body: { text: 'Hello, Ada' } })
    },
    { AUTH_MODE: 'open' },
  )
})

test('lets go of its database if it cannot listen', async () => {
  await expect(start({ PORT: new URL(fake.url).port })).rejects.toThrow('taken')
  const service = await start({ PORT: '0' }) // which needs the lock on the database
  await service.stop()
})

test('documents each status that it returns', async () => {
  await withService(async (ask) => {
    const { body } = await ask('/openapi.json')
    const { post } = (body.paths as Record<string, Record<string, { responses: object }>>)['/greetings']!
    expect(Object.keys(post!.responses)).toEqual(expect.arrayContaining(['201', '400', '401', '404', '503']))
  })
})
