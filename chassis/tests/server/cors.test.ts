import request from 'supertest'
import { testApp } from '../../testing/test-app'
import { expectProblem, things } from '../../testing/thing-routes'

const shop = 'https://shop.example'
const preflight = {
  'Access-Control-Request-Method': 'POST',
  'Access-Control-Request-Headers': 'authorization,content-type',
}
const corsHeaders = (headers: object) => Object.keys(headers).filter((name) => name.startsWith('access-control-'))

describe('A page of an origin in CORS_ORIGINS', () => {
  it('may call, with a token and JSON, and read the headers that the documents describe', async () => {
    const { app, token } = await testApp(things, { corsOrigins: ['http://other.example', shop] })
    const allowed = await request(app)
      .options('/things')
      .set({ ...preflight, Origin: shop })
      .expect(204)
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': shop,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': 'authorization,content-type',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    })
    const made = await request(app)
      .post('/things')
      .set({ Origin: shop, Authorization: await token() })
      .send({ name: 'pen' })
      .expect(201)
    expect(made.headers['access-control-allow-origin']).toBe(shop)
    const exposed = made.headers['access-control-expose-headers']!.split(',')
    expect(exposed).toEqual(
      expect.arrayContaining([
        'Location',
        'Link',
        'ETag',
        'Retry-After',
        'X-Request-Id',
        'RateLimit',
        'RateLimit-Policy',
        'Idempotent-Replayed',
        'Remaining-Events',
      ]),
    )
    expect(made.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it('can read why it was refused, also if too many requests are in flight', async () => {
    const { app } = await testApp(things, { corsOrigins: [shop], maxInFlight: 0 })
    for (const [path, status] of [
      ['/things', 503],
      ['/nothing', 404],
    ] as const) {
      const { headers } = await request(app).get(path).set('Origin', shop).expect(status)
      expect(headers['access-control-allow-origin']).toBe(shop)
    }
  })

  it('may call in open mode too, and a page of another origin may not', async () => {
    const anonymous = { id: 'admin', scopes: ['user', 'admin'] }
    const { app } = await testApp(things, { corsOrigins: [shop], anonymous })
    const post = (headers: object) =>
      request(app)
        .post('/things')
        .set({ 'Sec-Fetch-Site': 'cross-site', ...headers })
        .send({ name: 'pen' })
    expect((await post({ Origin: shop })).status).toBe(201)
    expectProblem(await post({ Origin: 'https://evil.example' }), 403, 'forbidden')
    expectProblem(await post({}), 403, 'forbidden')
    expectProblem(await post({ Origin: shop, Host: 'rebind.example' }), 403, 'forbidden')
  })
})

describe('A page of another origin', () => {
  it.each([
    ['there is no list', []],
    ['it is not in the list', [shop]],
  ])('gets no header of CORS if %s, and a 405 for its preflight request', async (_when, corsOrigins) => {
    const { app } = await testApp(things, { corsOrigins })
    for (const Origin of ['https://evil.example', `${shop}.evil.example`, 'null']) {
      const refused = await request(app)
        .options('/things')
        .set({ ...preflight, Origin })
      expectProblem(refused, 405, 'method-not-allowed')
      const read = await request(app).get('/things').set({ Origin }).expect(200)
      expect([refused, read].flatMap(({ headers }) => corsHeaders(headers))).toEqual([])
      if (corsOrigins.length > 0) expect(read.headers.vary).toBe('Origin')
    }
  })
})
