import request from 'supertest'
import { documentedRoutes, mountedRoutes, schemaIn } from '../../chassis/testing/conforming'
import { testUsers } from './support/user-app'

describe('The OpenAPI document', () => {
  it('has every mounted route, and no other', async () => {
    const { plainApp } = await testUsers()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    expect(documentedRoutes(body)).toEqual(mountedRoutes(plainApp))
    expect(documentedRoutes(body)).toContain('put /users/{id}/holds/{orderId}')
  })

  it('requires a change of a user to change something', async () => {
    const { plainApp } = await testUsers()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    const { schema } = body.paths['/users/{id}'].patch.requestBody.content['application/json']
    expect(schemaIn(body, schema).minProperties).toBe(1)
  })

  it.each(['patch', 'delete'])('lists If-Match and 412 at %s /users/{id}', async (method) => {
    const { plainApp } = await testUsers()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    const operation = body.paths['/users/{id}'][method]
    expect(operation.parameters).toContainEqual({
      name: 'If-Match',
      in: 'header',
      required: false,
      schema: { type: 'string', description: expect.stringContaining('Entity tags') },
    })
    expect(operation.responses['412'].description).toBe('precondition-failed: Precondition failed')
  })

  it('lists the header, the key and the problems of a deposit', async () => {
    const { plainApp } = await testUsers()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    const deposit = body.paths['/users/{id}/deposits'].post
    const parameters = deposit.parameters
      .filter(({ $ref }: { $ref?: string }) => $ref === undefined)
      .map((it: { name: string; in: string; required: boolean }) => [it.in, it.name, it.required])
    expect(parameters).toEqual([
      ['path', 'id', true],
      ['header', 'Idempotency-Key', true],
    ])
    expect(deposit.security).toEqual([{ accessToken: [] }])
    expect(Object.keys(body.components.securitySchemes)).toEqual(['accessToken', 'apiKey'])
    expect(body.paths['/tokens'].post.security).toEqual([{ apiKey: [] }])
    expect(body.paths['/users/{id}/keys'].post.security).toEqual([{ apiKey: [] }, { accessToken: [] }])
    expect(deposit.responses['422'].description).toBe('idempotency-key-reused: Idempotency key reused')
  })
})
