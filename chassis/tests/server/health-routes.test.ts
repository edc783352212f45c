import request from 'supertest'
import { jwksRoute } from '@tandem/chassis/auth/jwks-route'
import type { Follower } from '@tandem/chassis/following/follower'
import { healthRoutes } from '@tandem/chassis/server/health-routes'
import { conforming } from '../../testing/conforming'
import { eventually } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { testApp } from '../../testing/test-app'
import { newSigningKey } from '../../testing/tokens'

interface Options {
  isStopping?: () => boolean
  follower?: Pick<Follower, 'feed' | 'currentLag'>
}

async function service({ isStopping = () => false, ...followed }: Options = {}) {
  const database = await temporaryDatabase([])
  const routes = healthRoutes({ service: 'tea', version: '1.2.3', read: database.read, isStopping, ...followed })
  const { app, lines } = await testApp(routes, { isStopping })
  return { app: await conforming('health', app), lines, database }
}

describe.each(['/health', '/health/ready'])('GET %s', (path) => {
  it('returns 200 and describes the service, to anyone', async () => {
    const { app } = await service()
    const answer = await request(app).get(path)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ status: 'ok', service: 'tea', version: '1.2.3', checks: { database: 'ok' } })
  })

  it.each([
    ['not known', { events: null, seconds: 86_400.5 }],
    ['far', { events: 1_000_000, seconds: 86_400.5 }],
    ['not at all', { events: 0, seconds: 0 }],
  ])("shows the follower's lag, and stays ready if it is %s", async (_how, lag) => {
    const follower = { feed: 'cups', currentLag: async () => lag }
    const { app } = await service({ follower })
    const answer = await request(app).get(path)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      status: 'ok',
      service: 'tea',
      version: '1.2.3',
      checks: { database: 'ok' },
      lag: { cups: lag },
    })
  })

  it('returns 503 while the service stops', async () => {
    const { app } = await service({ isStopping: () => true })
    const answer = await request(app).get(path)
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
    expect(answer.body).toMatchObject({ code: 'unavailable', detail: 'The service is stopping.' })
  })

  it('returns 503 without details if the database cannot be read', async () => {
    const { app, database } = await service()
    await database.close()
    const answer = await request(app).get(path)
    expect(answer.status).toBe(503)
    expect(answer.body).toMatchObject({ code: 'unavailable', detail: 'The database does not respond.' })
  })
})

test.each(['/health', '/health/ready', '/health/live'])('GET %s is logged at debug', async (path) => {
  const { app, lines } = await service()
  await request(app).get(path).expect(200)
  await eventually(() => lines.length > 0)
  expect(lines[0]).toMatchObject({ msg: 'request', route: path, level: 20 })
})

describe('GET /health/live', () => {
  it('returns 200 while the process runs, whatever its state', async () => {
    const { app, database } = await service({ isStopping: () => true })
    await database.close()
    const answer = await request(app).get('/health/live')
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }])
  })
})

describe('GET /.well-known/jwks.json', () => {
  it('returns only the public parts of all published keys, to anyone', async () => {
    const published = [await newSigningKey(), await newSigningKey()]
    const { app } = await testApp([jwksRoute({ published })])
    const answer = await request(app).get('/.well-known/jwks.json')
    expect(answer.body).toEqual({ keys: published.map(({ publicJwk }) => publicJwk) })
    expect(answer.text).not.toContain('"d"')
  })
})
