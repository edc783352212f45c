import request from 'supertest'
import { route } from '@tandem/chassis/http/route'
import { testApp } from '../../testing/test-app'
import { things, undescribed, uuid } from '../../testing/thing-routes'

const broken = route({
  ...undescribed,
  method: 'get',
  path: '/broken',
  who: 'anyone',
  handle: () => {
    throw new Error('secret')
  },
})

describe('The headers for browsers', () => {
  it.each<[status: number, method: 'get' | 'post' | 'head' | 'put' | 'delete', path: string, scope: string]>([
    [200, 'get', '/things', ''],
    [200, 'head', '/things', ''],
    [200, 'get', '/metrics', ''],
    [200, 'get', '/docs', ''],
    [204, 'delete', '/things/1', 'admin'],
    [400, 'get', '/things/1', ''],
    [400, 'get', '/things/%E0%A4%A', ''],
    [401, 'post', '/things', ''],
    [403, 'delete', '/things/1', 'user'],
    [404, 'get', '/nothing', ''],
    [405, 'put', '/things', ''],
    [415, 'post', '/things', 'user'],
    [500, 'get', '/broken', ''],
  ])('forbid to guess the media type of a %i (%s %s)', async (status, method, path, scope) => {
    const { app, token } = await testApp([...things, broken])
    const asked = request(app)[method](path)
    if (scope !== '') void asked.set('Authorization', await token(scope))
    const answer = await asked
    expect([answer.status, answer.headers['x-content-type-options']]).toEqual([status, 'nosniff'])
  })

  it('forbid to guess the media type of a 503, and to store it', async () => {
    const { app } = await testApp(things, { maxInFlight: 0 })
    for (const path of ['/things', `/things/${uuid}`]) {
      const { headers } = await request(app).get(path).expect(503)
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    }
  })

  it('forbid to store errors and anything that needs a token', async () => {
    const { app, token } = await testApp(things)
    const given = await request(app)
      .post('/things')
      .set('Authorization', await token())
      .send({ name: 'pen' })
      .expect(201)
    const removed = await request(app)
      .delete('/things/1')
      .set('Authorization', await token('admin'))
      .expect(204)
    const refused = await request(app).post('/things').expect(401)
    const missing = await request(app).get('/nothing').expect(404)
    for (const { headers } of [given, removed, refused, missing]) expect(headers['cache-control']).toBe('no-store')
    expect((await request(app).get('/things').expect(200)).headers).not.toHaveProperty('cache-control')
  })

  it.each([
    ['/docs', "script-src 'self'"],
    ['/problems/internal', "default-src 'none'"],
  ])('of the page %s allow no foreign scripts (%s), no frames and no referrer', async (path, scripts) => {
    const { app } = await testApp(things)
    const { headers } = await request(app).get(path).expect(200)
    const policy = headers['content-security-policy']!.split('; ')
    expect(policy).toEqual(
      expect.arrayContaining([scripts, "default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]),
    )
    expect(headers['content-security-policy']).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|https?:/)
    expect(headers['referrer-policy']).toBe('no-referrer')
  })

  it('have no page policy for other responses', async () => {
    const { app } = await testApp(things)
    expect((await request(app).get('/things')).headers).not.toHaveProperty('content-security-policy')
  })
})
