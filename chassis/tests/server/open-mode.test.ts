import request from 'supertest'
import { ok } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { testApp } from '../../testing/test-app'
import { expectProblem } from '../../testing/thing-routes'

const routes = [
  route({ method: 'post', path: '/orders', summary: '', who: ['admin'], responses: {}, handle: () => ok({}) }),
  route({ method: 'get', path: '/users', summary: '', who: ['admin'], responses: {}, handle: () => ok([]) }),
  route({ method: 'get', path: '/products', summary: '', who: 'anyone', responses: {}, handle: () => ok([]) }),
]
const anonymous = { id: 'admin', scopes: ['admin'] }
const foreign: Record<string, Record<string, string>> = {
  'the origin of another site': { Origin: 'https://evil.example' },
  'the origin of another port': { Host: '127.0.0.1:3001', Origin: 'http://127.0.0.1:3000' },
  'another name of the same address as its origin': { Host: '127.0.0.1:3001', Origin: 'http://localhost:3001' },
  'an origin that begins like the service': { Host: '127.0.0.1', Origin: 'http://127.0.0.1.evil.example' },
  'an origin that hides itself': { Origin: 'null' },
  'the mark of another site': { 'Sec-Fetch-Site': 'cross-site' },
  'a name that was made to resolve to this machine': { Host: 'rebind.example' },
  'such a name with a port and its origin': { Host: 'rebind.example:3001', Origin: 'http://rebind.example:3001' },
  'a name that begins like an address': { Host: '127.0.0.1.evil.example' },
  'a name that ends like localhost': { Host: 'evil.localhost' },
  'no name in Host': { Host: '' },
}
const own: Record<string, Record<string, string>> = {
  'nothing else': {},
  'an address': { Host: '192.0.2.7' },
  'an address and a port': { Host: '192.0.2.7:3001' },
  'an IPv6 address': { Host: '[2001:db8::1]' },
  'an IPv6 address and a port': { Host: '[::1]:3001' },
  localhost: { Host: 'localhost:3001' },
  'localhost in capitals': { Host: 'LOCALHOST' },
  'the name of the service': { Host: 'test-service:3001' },
  'a name of ALLOWED_HOSTS': { Host: 'tandem.example' },
  'the origin of the service': { Host: '127.0.0.1:3001', Origin: 'http://127.0.0.1:3001' },
  'its origin in other letters': { Host: 'LocalHost:3001', Origin: 'http://localhost:3001' },
  'its origin behind TLS': { Host: 'tandem.example', Origin: 'https://tandem.example' },
  'the mark of the same origin': { 'Sec-Fetch-Site': 'same-origin' },
  'the mark of no page': { 'Sec-Fetch-Site': 'none' },
}

describe('In open mode, a request with', () => {
  it.each(Object.entries(foreign))('%s gets 403 on every route of the domain', async (_what, headers) => {
    const { app } = await testApp(routes, { anonymous, allowedHosts: ['tandem.example'] })
    for (const asked of [request(app).post('/orders'), request(app).get('/users'), request(app).get('/products')])
      expectProblem(await asked.set(headers), 403, 'forbidden')
  })

  it.each(Object.entries(foreign))(
    '%s can still read what the service publishes about itself',
    async (_what, headers) => {
      const { app } = await testApp(routes, { anonymous })
      for (const path of ['/', '/docs', '/openapi.json', '/metrics', '/problems/forbidden'])
        expect((await request(app).get(path).set(headers)).status).toBe(200)
    },
  )

  it.each(Object.entries(own))('%s is allowed', async (_what, headers) => {
    const { app } = await testApp(routes, { anonymous, allowedHosts: ['tandem.example'] })
    expect((await request(app).post('/orders').set(headers)).status).toBe(200)
  })

  it('a token gets 403 from another page, and 401 if the token is bad', async () => {
    const { app, token } = await testApp(routes, { anonymous })
    const fromAfar = () => request(app).post('/orders').set('Origin', 'https://evil.example')
    expectProblem(await fromAfar().set('Authorization', await token('admin')), 403, 'forbidden')
    expectProblem(await fromAfar().set('Authorization', 'Bearer garbage'), 401, 'unauthenticated')
  })

  it('a trusted proxy is judged by the name that the proxy was called by, and by its own', async () => {
    const { app } = await testApp(routes, { anonymous, trustProxy: 1, allowedHosts: ['tandem.example'] })
    const ask = async (headers: Record<string, string>) => (await request(app).post('/orders').set(headers)).status
    const Host = 'test-service:3001'
    const Origin = 'https://tandem.example'
    expect(await ask({ Host, Origin, 'X-Forwarded-Host': 'tandem.example' })).toBe(200)
    expect(await ask({ Host, Origin, 'X-Forwarded-Host': 'rebind.example' })).toBe(403)
    expect(await ask({ Host: 'rebind.example', 'X-Forwarded-Host': 'tandem.example' })).toBe(403)
  })

  it('a forwarded name is ignored if no proxy is trusted', async () => {
    const { app } = await testApp(routes, { anonymous })
    const headers = { Host: 'rebind.example', 'X-Forwarded-Host': 'localhost' }
    expectProblem(await request(app).get('/users').set(headers), 403, 'forbidden')
  })
})

describe('Outside open mode, a request with', () => {
  it.each(Object.entries(foreign))('%s is allowed by its token alone', async (_what, headers) => {
    const { app, token } = await testApp(routes)
    expectProblem(await request(app).post('/orders').set(headers), 401, 'unauthenticated')
    const shown = await token('admin')
    expect((await request(app).post('/orders').set(headers).set('Authorization', shown)).status).toBe(200)
  })
})
