import { faultsOf, operationAt } from '../../fuzz/check-response'
import { Operations } from '../../harness/operations'

const User = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'], additionalProperties: false }
const operations = new Operations({
  paths: {
    '/users/{id}': {
      get: {
        parameters: [],
        security: [{ accessToken: [] }],
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/User' } } } },
          404: { content: { 'application/problem+json': { schema: {} } } },
        },
      },
    },
  },
  components: { schemas: { User } },
})
const operation = operationAt(operations, 'GET', '/users/7')
const json = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }
const asked = { prefix: '', operation, method: 'GET', secrets: ['Zm9yYmlkZGVuIHRva2VuIG9m'] }

function check(status: number, body: object, headers: object = json): string[] {
  return faultsOf(asked, { status, headers: { ...json, ...headers }, body: JSON.stringify(body) }, operations)
}

const problem = { type: '/problems/not-found', title: 'Not found', status: 404, code: 'not-found', requestId: 'r' }
const asProblem = { 'content-type': 'application/problem+json', 'x-request-id': 'r' }

describe('The check of a response', () => {
  it('finds nothing in what the document describes', () => {
    expect(check(200, { id: 'x' })).toEqual([])
    expect(check(404, problem, asProblem)).toEqual([])
  })

  it.each([
    ['another field', 200, { id: 'x', secret: 1 }, json],
    ['a status that the document has not', 409, { ...problem, status: 409 }, asProblem],
    ['an error that is no problem', 404, { error: 'no' }, json],
    ['a problem with another request id', 404, { ...problem, requestId: 'other' }, asProblem],
    ['a status of 500', 500, { ...problem, status: 500 }, asProblem],
    ['a stack', 404, { ...problem, detail: 'at run (/srv/app/index.js:3:4)' }, asProblem],
    ['SQL', 404, { ...problem, detail: 'SELECT id, name FROM users' }, asProblem],
    ['a token', 404, { ...problem, detail: `eyJhbGciOiJFZERTQSJ9.e30.c2ln` }, asProblem],
    ['a secret of the request', 404, { ...problem, detail: asked.secrets[0] }, asProblem],
  ])('finds %s', (_what, status, body, headers) => {
    expect(check(status, body, headers)).not.toEqual([])
  })

  it('finds a status that the request may not have', () => {
    const found = faultsOf(
      { ...asked, expected: [401] },
      { status: 200, headers: json, body: '{"id":"x"}' },
      operations,
    )
    expect(found).toEqual(['status 200 and not 401'])
  })
})

describe('What comes from the gateway', () => {
  const through = { ...asked, prefix: '/user-service' }
  const faultsThrough = (status: number, body: string, headers: Record<string, string>) =>
    faultsOf(through, { status, headers, body }, operations)

  it('may be plain text of its parser, or a problem of its own', () => {
    expect(faultsThrough(400, '400 Bad Request', { 'content-type': 'text/plain; charset=utf-8' })).toEqual([])
    const own = JSON.stringify({ type: 'about:blank', title: 'Service Unavailable', status: 503, code: 'unavailable' })
    expect(faultsThrough(503, own, { 'content-type': 'application/problem+json' })).toEqual([])
    expect(faultsThrough(308, '', { location: '/user-service/' })).toEqual([])
  })

  it.each([
    ['an error of 500', 500, 'Internal Server Error', 'text/plain'],
    ['a stack', 400, 'at run (/srv/app/index.js:3:4)', 'text/plain'],
    ['a page', 200, '', ''],
    ['a problem of the service without its prefix', 404, JSON.stringify(problem), 'application/problem+json'],
  ])('is a fault if it is %s', (_what, status, body, type) => {
    const headers = { ...asProblem, 'x-content-type-options': 'nosniff', 'content-type': type }
    expect(faultsThrough(status, body, headers)).not.toEqual([])
  })
})
