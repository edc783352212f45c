import { connect } from 'node:net'
import { heldRoutes } from '../../testing/held-routes'
import { get, listen, post, rawClient } from '../../testing/raw-client'
import { afterThisTest, eventually } from '../../testing/temporary'
import { readableLog, testApp } from '../../testing/test-app'
import { things } from '../../testing/thing-routes'

async function service({ logClientAddress = true } = {}) {
  const { routes, begun, letGo } = heldRoutes()
  const { app, lines: requestLines } = await testApp([...routes, ...things])
  const { log, lines } = readableLog()
  const limits = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20, lingerTimeout: 50 }
  const server = await listen(app, { limits, log, logClientAddress })
  const client = () => rawClient(server.port)
  const responseTo = async (bytes: string) => {
    const { send, untilClosed } = await client()
    send(bytes)
    return untilClosed()
  }
  return { client, responseTo, port: server.port, lines, requestLines, begun, letGo }
}

const problem = (status: number, title: string) => JSON.stringify({ type: 'about:blank', title, status })

/** That the text ends with the one problem that closes a connection. */
function expectRefusal(text: string, status: number, title: string): void {
  const [head = '', body] = text.slice(text.lastIndexOf('HTTP/1.1 ')).split('\r\n\r\n')
  expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status} ${title}`)
  expect(head).toMatch(/^Connection: close$/im)
  expect(head).toMatch(/^Content-Type: application\/problem\+json; charset=utf-8$/im)
  expect(head).toMatch(/^X-Content-Type-Options: nosniff$/im)
  expect(head).toMatch(/^Date: /im)
  expect(body).toBe(problem(status, title))
}

describe('what is not a request that may be served', () => {
  it.each([
    ['has no Host', 400, 'Bad Request', 'no-host', 'GET /quick HTTP/1.1\r\n\r\n'],
    ['has two Hosts', 400, 'Bad Request', 'several-hosts', get('/quick', 'Host: b')],
    ['has the same Host twice', 400, 'Bad Request', 'several-hosts', get('/quick', 'host: a')],
    ['has a Host that is none', 400, 'Bad Request', 'malformed-host', get('/quick').replace(': a', ': a b')],
    ['names a host that is none', 400, 'Bad Request', 'malformed-host', get('http://[/quick')],
    ['expects what nobody knows', 417, 'Expectation Failed', 'expectation', get('/quick', 'Expect: x')],
    ['expects it for a body', 417, 'Expectation Failed', 'expectation', post('/held', '{}', 'Expect: x')],
    ['wants a tunnel', 501, 'Not Implemented', 'connect', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['is of HTTP/2', 505, 'HTTP Version Not Supported', 'http-version', get('/quick').replace('1.1', '2.0')],
    ['begins HTTP/2', 400, 'Bad Request', 'HPE_PAUSED_H2_UPGRADE', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['has an unknown method', 400, 'Bad Request', 'HPE_INVALID_METHOD', 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['is not HTTP', 400, 'Bad Request', 'HPE_INVALID_METHOD', 'hello\r\n\r\n'],
    [
      'has a body of no chunks',
      400,
      'Bad Request',
      'HPE_INVALID_CHUNK_SIZE',
      post('/held', 'zz\r\n').replace('Content-Length: 4', 'Transfer-Encoding: chunked'),
    ],
    [
      'has too large headers',
      431,
      'Request Header Fields Too Large',
      'HPE_HEADER_OVERFLOW',
      get('/quick', `X: ${'x'.repeat(17_000)}`),
    ],
    ['has slow headers', 408, 'Request Timeout', 'ERR_HTTP_REQUEST_TIMEOUT', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    [
      'has a slow body',
      408,
      'Request Timeout',
      'ERR_HTTP_REQUEST_TIMEOUT',
      post('/held', '{').replace('Length: 1', 'Length: 2'),
    ],
  ])('because it %s is a problem, is logged at debug, and closes the connection', async (_, ...expected) => {
    const [status, title, reason, bytes] = expected
    const { responseTo, lines } = await service()
    const text = await responseTo(bytes)
    expectRefusal(text, status, title)
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(lines).toEqual([expect.objectContaining({ msg: 'request refused', level: 20, status, reason })])
    expect(lines[0]).toMatchObject({ client: '127.0.0.1' })
  })

  it('is logged without the address of its client if that is not wanted', async () => {
    const { responseTo, lines } = await service({ logClientAddress: false })
    await responseTo('hello\r\n\r\n')
    await responseTo(get('/quick', 'Expect: x'))
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line).not.toHaveProperty('client')
  })

  it('closes the connection also if its peer does not, and goes on sending', async () => {
    const { client, port } = await service()
    const { send, untilClosed } = await client()
    send('hello\r\n\r\n')
    expectRefusal(await untilClosed(), 400, 'Bad Request')
    const deaf = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    afterThisTest(() => deaf.destroy())
    let failed = false
    deaf.on('error', () => (failed = true)).resume()
    await eventually(() => {
      deaf.write('hello\r\n\r\n')
      return failed
    })
  })
})

describe('bytes that do not parse behind a good request in the same write', () => {
  it.each([
    ['garbage', 'hello\r\n\r\n', 400, 'Bad Request'],
    ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 501, 'Not Implemented'],
    ['half a head', 'GET /quick HTTP/1.1\r\n', 408, 'Request Timeout'],
    [
      'a broken body',
      post('/held', 'zz\r\n').replace('Content-Length: 4', 'Transfer-Encoding: chunked'),
      400,
      'Bad Request',
    ],
    ['no Host', 'GET /quick HTTP/1.1\r\n\r\n', 400, 'Bad Request'],
  ])('such as %s are refused once that has its response', async (_, bytes, status, title) => {
    const { client, begun, letGo } = await service()
    const { send, text, untilClosed } = await client()
    send(post('/held', '{"name":"one"}') + get('/held/two') + bytes)
    await eventually(() => begun.length === 1)
    expect(text()).toBe('')
    letGo()
    await eventually(() => begun.length === 2)
    letGo()
    const all = await untilClosed()
    expect([...all.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, found]) => Number(found))).toEqual([200, 200, status])
    expect([...all.matchAll(/\{"name":"(\w+)"\}/g)].map(([, name]) => name)).toEqual(['one', 'two'])
    expectRefusal(all, status, title)
    expect(begun).toEqual(['one', 'two'])
  })

  it('say nothing more about a request that has its response already', async () => {
    const { client, lines } = await service()
    const { send, statuses, untilClosed } = await client()
    send(get('/quick', 'Transfer-Encoding: chunked'))
    await eventually(() => statuses().length === 1)
    send('zz\r\n')
    await untilClosed()
    expect(statuses()).toEqual([200])
    expect(lines).toEqual([])
  })
})

describe('a request target', () => {
  it.each(['http://', 'http:///quick', 'http://?x', 'ftp://a/quick', '*', '/\\', '//quick', '/%', '/%ff'])(
    'of %s is not found, as a problem, and is logged with its id',
    async (target) => {
      const { client, requestLines } = await service()
      const { send, text, statuses } = await client()
      send(get(target, 'X-Request-Id: wanted'))
      await eventually(() => text().endsWith('}'))
      expect(statuses()).toEqual([404])
      expect(text()).toMatch(/^Content-Type: application\/problem\+json/m)
      expect(text()).toContain('"code":"not-found","requestId":"wanted"')
      await eventually(() => requestLines.length > 0)
      expect(requestLines[0]).toMatchObject({ msg: 'request', requestId: 'wanted', route: 'none', status: 404 })
    },
  )

  it.each(['http://b/things?limit=7', 'HTTP://b:80/things?limit=7', 'https://[::1]/things?limit=7'])(
    'in absolute form, %s, is served by its path',
    async (target) => {
      const { client } = await service()
      const { send, text, statuses } = await client()
      send(get(target))
      await eventually(() => text().endsWith('}'))
      expect(statuses()).toEqual([200])
      expect(text()).toContain('"query":{"limit":"7"}')
    },
  )

  it.each(['http://b', 'http://b?x=1'])('with no path, %s, is the root', async (target) => {
    const { client } = await service()
    const { send, text, statuses } = await client()
    send(get(target).replace('?x=1', '?'))
    await eventually(() => text().endsWith('}'))
    expect(statuses()).toEqual([200])
    expect(text()).toContain('"service":"test-service"')
  })
})

describe('a request that differs from most', () => {
  it.each([
    ['of HTTP/1.0 without Host', 'GET /quick HTTP/1.0\r\n\r\n'],
    ['with an empty Host', get('/quick').replace('Host: a', 'Host:')],
    ['with a port in its Host', get('/quick').replace('Host: a', 'Host: a.example:3000')],
    ['with an address of IPv6 as its Host', get('/quick').replace('Host: a', 'Host: [::1]:3000')],
    ['that would upgrade', get('/quick', 'Connection: Upgrade', 'Upgrade: h2c')],
  ])('%s is served', async (_, bytes) => {
    const { client } = await service()
    const { send, text, statuses } = await client()
    send(bytes)
    await eventually(() => text().endsWith('{}'))
    expect(statuses()).toEqual([200])
  })
})
