import request from 'supertest'
import { documentedRoutes, mountedRoutes, schemaIn } from '../../chassis/testing/conforming'
import { testOrders } from './support/order-app'

describe('The OpenAPI document', () => {
  it('has every mounted route, and no other', async () => {
    const { plainApp } = await testOrders()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    expect(body.openapi).toBe('3.1.0')
    expect(documentedRoutes(body)).toEqual(mountedRoutes(plainApp))
    expect(documentedRoutes(body)).toContain('post /orders')
  })

  it('describes an order as the requests are parsed', async () => {
    const { plainApp } = await testOrders()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    const schema = schemaIn(body, body.paths['/orders'].post.requestBody.content['application/json'].schema)
    expect(schema).toMatchObject({ required: ['items'], additionalProperties: false })
    expect(schema.properties.items).toMatchObject({ type: 'array', minItems: 1, maxItems: 50 })
    expect(schemaIn(body, schema.properties.items.items).properties.quantity).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 1000,
    })
    expect(body.paths['/orders'].get.parameters).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    })
    expect(Object.keys(body.paths['/orders'].post.responses)).toEqual([
      '200',
      '201',
      '202',
      '400',
      '401',
      '402',
      '403',
      '404',
      '413',
      '415',
      '422',
      '429',
      '500',
      '503',
    ])
  })

  it('lists the preconditions and 412 at put /products/{id}', async () => {
    const { plainApp } = await testOrders()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    const { parameters, responses } = body.paths['/products/{id}'].put
    const schema = { type: 'string', const: '*' }
    for (const name of ['If-Match', 'If-None-Match'])
      expect(parameters).toContainEqual({ name, in: 'header', required: false, schema })
    expect(responses['412'].description).toBe('precondition-failed: Precondition failed')
  })

  it('is also a page, which loads nothing from elsewhere', async () => {
    const { app } = await testOrders()
    const { text, headers } = await request(app).get('/docs').expect(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    const files = [...text.matchAll(/ (?:src|href)="(?!data:)(.*?)"/g)].map(([, file]) => file!)
    expect(files).toEqual(['docs/swagger-ui.css', 'docs/swagger-ui-bundle.js', 'docs/start.js'])
    for (const file of files) {
      const { headers: sent } = await request(app).get(`/${file}`).expect(200)
      expect(sent['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/)
      expect(sent['cache-control']).toBe('public, max-age=86400')
    }
  })
})

describe('GET /', () => {
  it('describes the service and links to more', async () => {
    const { app } = await testOrders()
    const { body } = await request(app).get('/').expect(200)
    expect(body).toEqual({
      service: 'order-service',
      version: '0.0.0',
      links: { docs: '/docs', openapi: '/openapi.json', health: '/health' },
    })
    for (const link of Object.values<string>(body.links)) await request(app).get(link).expect(200)
  })
})
