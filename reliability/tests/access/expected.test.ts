import { expected, faultOfTable } from '../../access/expected'
import type { Operation } from '../../harness/operations'

function operation(path: string, security: string[] = ['accessToken']): Operation {
  return { method: 'GET', path, name: `get ${path}`, parameters: [], body: undefined, security, responses: {} }
}

describe('What access-matrix expects', () => {
  it('is that a foreign id looks as if it were not there', () => {
    const status = expected('user-service', operation('/users/{id}'), ['owner'], 'another user').status
    expect(status).toBe(404)
  })

  it('is that a user id in a body or query that is not the caller’s is forbidden', () => {
    expect(expected('order-service', operation('/orders'), ['owner'], 'another user').status).toBe(403)
  })

  it('is a challenge without an error if there is no token, and with one for an API key in its place', () => {
    const challenge = (caller: 'nobody' | 'its key') =>
      expected('order-service', operation('/orders'), ['owner'], caller).challenge
    expect(challenge('nobody')).toBe('Bearer')
    expect(challenge('its key')).toBe('Bearer error="invalid_token"')
  })

  it('is that no service may call order-service', () => {
    expect(expected('order-service', operation('/events'), ['admin'], 'a service').status).toBe(401)
  })
})

describe('The table of who may do what', () => {
  it('is wrong if a route of the document is not in it', () => {
    expect(faultOfTable(operation('/new'), undefined)).toBe('get /new is in no row of who-may.ts')
  })

  it('is wrong if the document says that a route is public, and the table does not', () => {
    expect(faultOfTable(operation('/events', []), ['admin'])).toBeDefined()
    expect(faultOfTable(operation('/events', []), ['anyone'])).toBeUndefined()
    expect(faultOfTable(operation('/keys', ['apiKey', 'accessToken']), ['key', 'admin'])).toBeUndefined()
  })
})
