import { execFileSync } from 'node:child_process'
import { curlOf } from '../src/api/curl'

const origin = 'http://127.0.0.1:8080'

describe('A request as a command', () => {
  it('names the method, the headers and the body, and never a token', () => {
    const request = {
      service: 'order-service',
      method: 'POST',
      path: '/orders',
      idempotencyKey: 'k-1',
      body: { items: [] },
    } as const
    expect(curlOf({ ...request, hasToken: true }, origin)).toBe(
      `curl -i -X POST -H "Authorization: Bearer $TOKEN" -H 'Idempotency-Key: k-1' -H 'Content-Type: application/json' -d '{"items":[]}' 'http://127.0.0.1:8080/order-service/orders'`,
    )
  })

  it('of a GET is short', () => {
    const request = { service: 'user-service', method: 'GET', path: '/health', hasToken: false } as const
    expect(curlOf(request, origin)).toBe(`curl -i 'http://127.0.0.1:8080/user-service/health'`)
  })

  it('keeps each character of a name that somebody chose', () => {
    const name = `it's "$(id)" \\ \`x\``
    const request = {
      service: 'user-service',
      method: 'POST',
      path: '/users',
      hasToken: false,
      body: { name },
    } as const
    const command = curlOf(request, origin).replace(/^curl -i /, `printf '%s\\n' `)
    const words = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\n')
    expect(words).toContain(JSON.stringify({ name }))
  })
})
