import { once } from 'node:events'
import { connect } from 'node:net'
import { serverLimits, startServer } from '@tandem/chassis/server/listen'
import { afterThisTest } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'

/** What a server with short times answers to these bytes, until it closes the connection. */
async function answerTo(bytes: string, limits: Partial<typeof serverLimits> = {}): Promise<string> {
  const { app } = await testApp([])
  const quick = { ...serverLimits, headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }
  const server = await startServer(app, { host: '127.0.0.1', port: 0 }, { ...quick, ...limits })
  afterThisTest(() => server.stop(0))
  const socket = connect(server.port, '127.0.0.1')
  afterThisTest(() => socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

describe('a request that does not come whole', () => {
  it.each([
    ['its headers are slow', 'GET / HTTP/1.1\r\nHost: a\r\n', 'HTTP/1.1 408 Request Timeout'],
    ['its body is slow', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{', 'HTTP/1.1 408 Request Timeout'],
    ['it is not HTTP', 'hello\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'its headers are too large',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
    ],
  ])('because %s is answered with a problem, and its connection closed', async (_, bytes, status) => {
    const text = await answerTo(bytes)
    const problems = text.slice(text.indexOf(status))
    expect(problems).toContain(status)
    expect(problems).toContain('Connection: close')
    expect(problems).toContain('Content-Type: application/problem+json')
    expect(problems).not.toContain('Error')
  })

  it('has its connection closed where nothing at all comes', async () => {
    expect(await answerTo('', { idleTimeout: 50, headersTimeout: 60_000, requestTimeout: 60_000 })).toBe('')
  })
})

describe('the limits of a server', () => {
  it('are looked at often enough to bite', () => {
    expect(serverLimits.connectionsCheckingInterval).toBeLessThanOrEqual(500)
    expect(serverLimits.headersTimeout).toBeLessThanOrEqual(serverLimits.requestTimeout)
    expect(serverLimits.requestTimeout + serverLimits.connectionsCheckingInterval).toBeLessThan(12_000)
    expect(serverLimits.idleTimeout).toBeGreaterThan(30_000)
  })
})
