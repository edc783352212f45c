import request from 'supertest'
import { z } from 'zod'
import { ok } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { testApp } from '../../testing/test-app'
import { usedMemory } from '../../testing/used-memory'
import { VirtualSystem } from '../../testing/virtual-system'

const undescribed = { summary: 'for a test', responses: {}, handle: () => ok({}) } as const
const routes = [
  route({ ...undescribed, method: 'get', path: '/limited', who: 'anyone', rateLimited: 'address' }),
  route({ ...undescribed, method: 'get', path: '/other', who: 'anyone', rateLimited: 'address' }),
  route({ ...undescribed, method: 'get', path: '/mine', who: ['user'], rateLimited: 'caller' }),
  route({
    ...undescribed,
    method: 'post',
    path: '/mine',
    who: ['user'],
    rateLimited: 'caller',
    body: z.strictObject({}),
  }),
  route({ ...undescribed, method: 'get', path: '/free', who: 'anyone' }),
]

/** Asks in the name of a client, as a proxy says it; returns the statuses. */
async function byProxy(addresses: string[], trustProxy = 1): Promise<number[]> {
  const { app } = await testApp(routes, { rateLimitPerMinute: 1, trustProxy })
  const statuses: number[] = []
  for (const address of addresses)
    statuses.push((await request(app).get('/limited').set('X-Forwarded-For', address)).status)
  return statuses
}

describe('More requests of an address in a minute than RATE_LIMIT_PER_MINUTE', () => {
  it('get 429 with the limit, counted over all routes limited by address, and on no other', async () => {
    const { app } = await testApp(routes, { rateLimitPerMinute: 2 })
    const first = await request(app).get('/limited').expect(200)
    expect(first.headers['ratelimit-policy']).toMatch(/q=2; w=60/)
    expect(first.headers.ratelimit).toMatch(/r=1; t=\d+/)
    await request(app).get('/other').expect(200)
    const refused = await request(app).get('/limited').expect(429)
    expect(refused.body.code).toBe('rate-limited')
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(refused.headers.ratelimit).toMatch(/r=0/)
    await request(app).get('/other').expect(429)
    await request(app).get('/free').expect(200)
  })

  it('are accepted if the limit is 0', async () => {
    const { app, token } = await testApp(routes, { rateLimitPerMinute: 0 })
    for (let i = 0; i < 5; i++) await request(app).get('/limited').expect(200)
    const Authorization = await token()
    for (let i = 0; i < 5; i++) await request(app).get('/mine').set({ Authorization }).expect(200)
  })

  it('are accepted again a minute after the first one, whatever the wall clock says', async () => {
    const system = new VirtualSystem()
    const { app } = await testApp(routes, { rateLimitPerMinute: 1, system })
    await request(app).get('/limited').expect(200)
    system.jump(-3_600_000)
    await system.pass(59_999)
    const refused = await request(app).get('/limited').expect(429)
    expect(refused.headers['retry-after']).toBe('1')
    await system.pass(1)
    await request(app).get('/limited').expect(200)
    await request(app).get('/limited').expect(429)
  })

  it('are counted by the address of the connection if no proxy is trusted', async () => {
    expect(await byProxy(['192.0.2.1', '192.0.2.2'], 0)).toEqual([200, 429])
  })

  it('are counted by the address that a trusted proxy reports, whatever the client claims', async () => {
    expect(await byProxy(['192.0.2.1', '192.0.2.2', '192.0.2.9, 192.0.2.2'])).toEqual([200, 200, 429])
  })

  it.each([
    ['with and without a port', ['198.51.100.9', '198.51.100.9:50001', '198.51.100.9:50002']],
    ['in brackets, with and without a port', ['2001:db8::1', '[2001:db8::1]', '[2001:db8::1]:443']],
    ['as IPv6, and as the IPv4 in it', ['198.51.100.9', '::ffff:198.51.100.9', '[::ffff:c633:6409]:1']],
    ['of one IPv6 network of 64 bits', ['2001:db8::1', '2001:db8::2', '2001:DB8:0:0:ffff:ffff:ffff:ffff']],
    [
      'that is none, which is the connection’s then',
      ['unknown', 'x', '999.1.1.1', '198.51.100.9:x', '[::1', '127.0.0.1'],
    ],
  ])('are counted together for an address %s', async (_how, addresses) => {
    expect(await byProxy(addresses)).toEqual([200, ...addresses.slice(1).map(() => 429)])
  })

  it('are counted by /64 for IPv6', async () => {
    expect(await byProxy(['2001:db8::1', '2001:db8:0:1::1'])).toEqual([200, 200])
  })
})

describe('The memory of a rate limit', () => {
  it.each([
    ['that are no address', (n: number) => `${n}`.padEnd(12_000, 'x')],
    [
      'that end with an address',
      (n: number) => `${'x'.repeat(12_000)}, 198.51.${100 + (n % 100)}.${100 + Math.floor(n / 100)}`,
    ],
  ])('keeps nothing of the long header fields %s', async (_what, field) => {
    const { app } = await testApp(routes, { rateLimitPerMinute: 1, trustProxy: 1 })
    const ask = (n: number) => request(app).get('/limited').set('X-Forwarded-For', field(n))
    for (let n = 0; n < 50; n++) await ask(n) // so that what is made once is there
    const before = usedMemory()
    for (let n = 50; n < 550; n++) await ask(n)
    expect(usedMemory() - before).toBeLessThan(3_000_000) // 6 MB with the fields
  })
})

describe('More requests of a caller in a minute than RATE_LIMIT_PER_MINUTE', () => {
  it('get 429, counted over all routes limited by caller, before the body is read', async () => {
    const { app, token } = await testApp(routes, { rateLimitPerMinute: 2 })
    const Authorization = await token()
    const first = await request(app).get('/mine').set({ Authorization }).expect(200)
    expect(first.headers.ratelimit).toMatch(/r=1; t=\d+/)
    await request(app).post('/mine').set({ Authorization }).send({ no: 'field' }).expect(400)
    const refused = await request(app).post('/mine').set({ Authorization }).send({ no: 'field' }).expect(429)
    expect(refused.body.code).toBe('rate-limited')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('are counted by caller, apart from its address, and not if the request is refused', async () => {
    const { app, token } = await testApp(routes, { rateLimitPerMinute: 1 })
    await request(app).get('/limited').expect(200)
    await request(app).get('/mine').expect(401)
    const admin = await token('admin')
    await request(app).get('/mine').set('Authorization', admin).expect(403)
    const [ada, bob] = [await token('user', 'ada'), await token('user', 'bob')]
    await request(app).get('/mine').set('Authorization', ada).expect(200)
    await request(app)
      .get('/mine')
      .set('Authorization', await token('user', 'ada'))
      .expect(429)
    await request(app).get('/mine').set('Authorization', bob).expect(200)
    await request(app).get('/limited').expect(429)
  })
})
