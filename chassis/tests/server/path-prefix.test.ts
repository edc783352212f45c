import request from 'supertest'
import { z } from 'zod'
import { page } from '@tandem/chassis/http/page'
import { created } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { testApp } from '../../testing/test-app'

const routes = [
  route({
    method: 'get',
    path: '/things',
    summary: 'for a test',
    who: 'anyone',
    responses: { 200: z.array(z.unknown()) },
    handle: () => page('/things', { limit: 1 }, [{ id: '1' }, { id: '2' }]),
  }),
  route({
    method: 'post',
    path: '/things',
    summary: 'for a test',
    who: 'anyone',
    responses: { 201: z.unknown() },
    handle: () => created({}, { Location: '/things/1' }),
  }),
]

async function links(prefix: string, options = { trustProxy: 1 }) {
  const { app } = await testApp(routes, options)
  const ask = (method: 'get' | 'post', path: string) => request(app)[method](path).set('X-Forwarded-Prefix', prefix)
  return {
    location: (await ask('post', '/things').expect(201)).headers.location,
    next: (await ask('get', '/things').expect(200)).headers.link,
    problem: (await ask('get', '/nothing').expect(404)).body.type,
    welcome: (await ask('get', '/').expect(200)).body.links,
    servers: (await ask('get', '/openapi.json').expect(200)).body.servers,
  }
}

const plain = {
  location: '/things/1',
  next: '</things?limit=1&after=1>; rel="next"',
  problem: '/problems/not-found',
  welcome: { docs: '/docs', openapi: '/openapi.json', health: '/health' },
  servers: [{ url: '/' }],
}

describe('A response to a request with X-Forwarded-Prefix', () => {
  it.each(['/shop', '/eu/shop-1/v1.2_~'])('has the prefix %s in each of its links', async (prefix) => {
    expect(await links(prefix)).toEqual({
      location: `${prefix}/things/1`,
      next: `<${prefix}/things?limit=1&after=1>; rel="next"`,
      problem: `${prefix}/problems/not-found`,
      welcome: { docs: `${prefix}/docs`, openapi: `${prefix}/openapi.json`, health: `${prefix}/health` },
      servers: [{ url: prefix }],
    })
  })

  it('has plain links if no proxy is trusted', async () => {
    expect(await links('/shop', { trustProxy: 0 })).toEqual(plain)
  })

  it.each([
    'shop',
    '/',
    '/shop/',
    '//evil.example',
    '/shop//x',
    '/shop/..',
    '/./shop',
    'https://evil.example',
    '/shop?x=1',
    '/shop#x',
    '/sh%6fp',
    '/shop, /other',
    '/<script>',
    '/"x',
    '/a\\b',
    `/${'x'.repeat(256)}`,
    '',
  ])('has plain links if the prefix is %j, which is not a plain path', async (prefix) => {
    expect(await links(prefix)).toEqual(plain)
  })

  it('has plain links if the field comes twice', async () => {
    const { app } = await testApp(routes, { trustProxy: 1 })
    const fields = ['/shop', '/shop'] as unknown as string // superagent sends each
    const { body } = await request(app).get('/nothing').set('X-Forwarded-Prefix', fields)
    expect(body.type).toBe('/problems/not-found')
  })
})

test('the OpenAPI document that a proxy passes on names the problems as its caller sees them', async () => {
  const { app } = await testApp(routes, { trustProxy: 1 })
  const { body: direct } = await request(app).get('/openapi.json')
  const { body: behind } = await request(app).get('/openapi.json').set('X-Forwarded-Prefix', '/shop')
  expect(behind.components.schemas.InternalProblem.allOf[1].properties.type.const).toBe('/shop/problems/internal')
  const examples = JSON.stringify(behind).match(/"type":"\/problems/g)
  expect(examples).toBeNull()
  expect(Object.keys(behind.paths)).toEqual(Object.keys(direct.paths))
})

test('the page at /docs has relative links only, so they hold behind a proxy', async () => {
  const { app } = await testApp(routes, { trustProxy: 1 })
  const { text } = await request(app).get('/docs').set('X-Forwarded-Prefix', '/shop').expect(200)
  const links = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link!)
  expect(links.length).toBeGreaterThan(2)
  expect(links.filter((link) => link.startsWith('/'))).toEqual([])
  const { text: script } = await request(app).get('/docs/start.js').expect(200)
  expect(script).toContain("url: 'openapi.json'")
})
