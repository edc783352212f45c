import type { RequestListener } from 'node:http'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { httpTransport, NoResponse, type OutgoingRequest } from '@tandem/chassis/upstream/transport'
import { realSystem } from '@tandem/chassis/system'
import { freePort, temporaryServer } from '../../testing/server'
import { afterThisTest, eventually } from '../../testing/temporary'
import { VirtualSystem } from '../../testing/virtual-system'

const get: OutgoingRequest = { method: 'GET', path: '/thing', headers: {} }

function transportTo(baseUrl: string, maxSockets?: number) {
  const transport = httpTransport({ baseUrl, ...(maxSockets !== undefined && { maxSockets }) }, realSystem)
  afterThisTest(() => transport.close())
  return transport
}

async function transportToServer(listener: RequestListener) {
  const { url, server } = await temporaryServer(listener)
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  return { transport: transportTo(url), sockets, url }
}

async function reasonOf(sending: Promise<unknown>): Promise<string> {
  const error: unknown = await sending.then(
    (answer) => answer,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(NoResponse)
  return (error as NoResponse).reason
}

describe('A request over HTTP', () => {
  it('arrives unchanged, below the path of the base URL', async () => {
    const seen: unknown[] = []
    const { url } = await transportToServer((req, res) => {
      let body = ''
      req.on('data', (chunk: Buffer) => (body += chunk.toString()))
      req.on('end', () => {
        const { 'content-length': length, 'x-request-id': id } = req.headers
        seen.push({ method: req.method, url: req.url, length, id, body })
        res.writeHead(402).end('{"ä":1}')
      })
    })
    const answer = await transportTo(`${url}/below/`).send(
      { method: 'PUT', path: '/thing?a=1', headers: { 'x-request-id': 'r' }, body: '{"ö":1}' },
      1000,
    )
    expect(answer).toMatchObject({ status: 402, body: '{"ä":1}' })
    expect(seen).toEqual([{ method: 'PUT', url: '/below/thing?a=1', length: '8', id: 'r', body: '{"ö":1}' }])
  })

  it('decodes a character that is split between two chunks', async () => {
    const { transport } = await transportToServer((_req, res) => {
      const bytes = Buffer.from('"ä"')
      res.write(bytes.subarray(0, 2), () => setImmediate(() => res.end(bytes.subarray(2))))
    })
    expect(await transport.send(get, 1000)).toMatchObject({ status: 200, body: '"ä"' })
  })

  it('reuses the previous connection', async () => {
    const { transport, sockets } = await transportToServer((_req, res) => res.end('{}'))
    for (let n = 0; n < 5; n++) await transport.send(get, 1000)
    expect(sockets).toHaveLength(1)
  })

  it('opens a new connection if the server closed the kept one', async () => {
    const { transport, sockets } = await transportToServer((_req, res) => res.end('{}'))
    await transport.send(get, 1000)
    sockets[0]?.end()
    await eventually(() => sockets[0]?.destroyed)
    expect(await transport.send(get, 1000)).toMatchObject({ status: 200, body: '{}' })
    expect(sockets).toHaveLength(2)
  })

  it('fails on a connection that is reset, and the next request succeeds', async () => {
    let requests = 0
    const { transport } = await transportToServer((req, res) => {
      requests += 1
      if (requests === 2) req.socket.resetAndDestroy()
      else res.end('{}')
    })
    await transport.send(get, 1000)
    expect(await reasonOf(transport.send(get, 1000))).toBe('ECONNRESET')
    expect(await transport.send(get, 1000)).toMatchObject({ status: 200, body: '{}' })
  })

  it('opens at most the allowed number of connections', async () => {
    const { sockets, url } = await transportToServer((_req, res) => setImmediate(() => res.end('{}')))
    const transport = transportTo(url, 2)
    await Promise.all(Array.from({ length: 8 }, () => transport.send(get, 1000)))
    expect(sockets).toHaveLength(2)
  })

  it('can go to an IPv6 address', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'))
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(0, '::1', () => resolve(true))
    })
    if (!listening) return // this machine has no IPv6
    afterThisTest(() => server.close())
    const { port } = server.address() as AddressInfo
    expect(await transportTo(`http://[::1]:${port}`).send(get, 1000)).toMatchObject({ status: 200, body: '{}' })
  })
})

describe('A finished request', () => {
  it('leaves no timer behind, whether it succeeded or failed', async () => {
    const { url } = await transportToServer((req, res) => {
      if (req.url === '/reset') req.socket.destroy()
      else res.end('{}')
    })
    const system = new VirtualSystem()
    const transport = httpTransport({ baseUrl: url }, system)
    afterThisTest(() => transport.close())
    await transport.send(get, 1000)
    expect(system.timers).toBe(0)
    await reasonOf(transport.send({ ...get, path: '/reset' }, 1000))
    expect(system.timers).toBe(0)
  })
})

describe('A request fails with NoResponse', () => {
  it('if the server sends no headers in time', async () => {
    const { transport, sockets } = await transportToServer(() => undefined)
    const began = performance.now()
    expect(await reasonOf(transport.send(get, 100))).toBe('timeout')
    expect(performance.now() - began).toBeLessThan(1000)
    await eventually(() => sockets[0]?.destroyed)
  })

  it('if the server does not end its body in time', async () => {
    const { transport, sockets } = await transportToServer((_req, res) => void res.write('{"half":'))
    expect(await reasonOf(transport.send(get, 100))).toBe('timeout')
    await eventually(() => sockets[0]?.destroyed)
  })

  it('if the response is truncated', async () => {
    const { transport } = await transportToServer((_req, res) => {
      res.writeHead(200, { 'content-length': 100 })
      res.write('{"half":', () => res.destroy())
    })
    expect(await reasonOf(transport.send(get, 1000))).toBe('ECONNRESET')
  })

  it('if a chunked response is truncated', async () => {
    const { transport } = await transportToServer((_req, res) => {
      res.write('{"half":', () => res.destroy())
    })
    expect(await reasonOf(transport.send(get, 1000))).toBe('ECONNRESET')
  })

  it('if the connection closes before the headers', async () => {
    const { transport } = await transportToServer((req) => req.socket.destroy())
    expect(await reasonOf(transport.send(get, 1000))).toBe('ECONNRESET')
  })

  it('if the response is not HTTP', async () => {
    const server = createServer((socket) => socket.end('what?\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    afterThisTest(() => server.close())
    const { port } = server.address() as AddressInfo
    expect(await reasonOf(transportTo(`http://127.0.0.1:${port}`).send(get, 1000))).toMatch(/^HPE_/)
  })

  it('if the response exceeds 64 kB, and drops the connection', async () => {
    const { transport, sockets } = await transportToServer((_req, res) => res.end('x'.repeat(64 * 1024 + 1)))
    expect(await reasonOf(transport.send(get, 1000))).toBe('response-too-large')
    await eventually(() => sockets[0]?.destroyed)
  })

  it('but not for a response of exactly 64 kB', async () => {
    const { transport } = await transportToServer((_req, res) => res.end('x'.repeat(64 * 1024)))
    expect((await transport.send(get, 1000)).body).toHaveLength(64 * 1024)
  })

  it('if nothing listens on the port', async () => {
    expect(await reasonOf(transportTo(`http://127.0.0.1:${await freePort()}`).send(get, 1000))).toBe('ECONNREFUSED')
  })

  it('if the host does not exist', async () => {
    // RFC 6761: no name below .invalid exists. Without a resolver at hand the system says so in other words.
    expect(await reasonOf(transportTo('http://nobody.invalid').send(get, 4000))).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/)
  })

  it('if the transport is closed meanwhile', async () => {
    const { transport, sockets } = await transportToServer(() => undefined)
    const sending = reasonOf(transport.send(get, 4000))
    await eventually(() => sockets.length > 0)
    transport.close()
    expect(await sending).toBe('ECONNRESET')
  })

  it('if the transport is closed already, without sending anything', async () => {
    const { transport, sockets } = await transportToServer((_req, res) => res.end('{}'))
    transport.close()
    expect(await reasonOf(transport.send(get, 1000))).toBe('closed')
    expect(sockets).toHaveLength(0)
  })
})
