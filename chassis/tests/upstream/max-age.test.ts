import { once } from 'node:events'
import { Agent, get, type RequestListener, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { limitAge } from '@tandem/chassis/upstream/max-age'
import { httpTransport, type OutgoingRequest } from '@tandem/chassis/upstream/transport'
import { realSystem, type System } from '@tandem/chassis/system'
import { temporaryServer } from '../../testing/server'
import { afterThisTest, eventually } from '../../testing/temporary'

const request: OutgoingRequest = { method: 'GET', path: '/thing', headers: {} }

/** A server, a transport to it whose clock stands still but for `pass`, and the connections that were made. */
async function transportToServer(listener: RequestListener = (_req, res) => res.end('{}')) {
  const { url, server } = await temporaryServer(listener)
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  let now = 0
  const system: System = { ...realSystem, monotonic: () => now }
  const transport = httpTransport({ baseUrl: url }, system)
  afterThisTest(() => transport.close())
  const pass = (milliseconds: number) => (now += milliseconds)
  return { transport, sockets, pass }
}

describe('A connection to another service', () => {
  it('is used for 30 seconds, and not for a request after that', async () => {
    const { transport, sockets, pass } = await transportToServer()
    await transport.send(request, 1000)
    pass(29_999)
    await transport.send(request, 1000)
    expect(sockets).toHaveLength(1)
    pass(1)
    await transport.send(request, 1000) // it was idle for a millisecond
    await transport.send(request, 1000)
    expect(sockets).toHaveLength(2)
  })

  it('is not closed under a request, but after its response', async () => {
    const { transport, sockets, pass } = await transportToServer((_req, res) => {
      pass(60_000)
      res.end('{}')
    })
    expect(await transport.send(request, 1000)).toMatchObject({ status: 200, body: '{}' })
    await eventually(() => sockets[0]!.destroyed)
    await transport.send(request, 1000)
    expect(sockets).toHaveLength(2)
  })
})

describe('A connection that becomes too old', () => {
  /** Sends requests to a server that holds back what it responds until `respond` is called. */
  async function agentOfAge(maxAgeMs: number) {
    const held: ServerResponse[] = []
    const { url, server } = await temporaryServer((_req, res) => void held.push(res))
    const sockets: Socket[] = []
    server.on('connection', (socket) => sockets.push(socket))
    const agent = new Agent({ keepAlive: true })
    afterThisTest(() => agent.destroy())
    const note = limitAge(agent, maxAgeMs, realSystem)
    const respond = async () => {
      const response = await eventually(() => held.shift())
      response.end('{}')
    }
    const send = () => {
      const outgoing = get(url, { agent }).on('socket', note)
      return { outgoing, text: once(outgoing, 'response').then(([response]) => text(response as Readable)) }
    }
    const isIdle = () => Object.keys(agent.freeSockets).length === 1
    return { send, respond, sockets, isIdle }
  }

  it('while it is idle is closed then', async () => {
    const { send, respond, sockets, isIdle } = await agentOfAge(100)
    const { text } = send()
    await respond()
    expect(await text).toBe('{}')
    await eventually(isIdle)
    await eventually(() => sockets[0]!.destroyed)
  })

  it('under a request gets its response', async () => {
    const { send, respond, sockets, isIdle } = await agentOfAge(200)
    const first = send()
    await respond()
    await first.text
    await eventually(isIdle)
    const second = send()
    await once(second.outgoing, 'socket')
    await once(second.outgoing.socket!, 'timeout')
    await respond()
    expect(await second.text).toBe('{}')
    expect(sockets).toHaveLength(1)
    await eventually(() => sockets[0]!.destroyed)
  })
})
