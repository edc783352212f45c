import { isDeepStrictEqual } from 'node:util'
import { setImmediate as turn } from 'node:timers/promises'
import { Connections } from '@tandem/chassis/server/connections'
import { serverLimits } from '@tandem/chassis/server/listen'
import { heldRoutes } from '../../testing/held-routes'
import { get, listen, post, rawClient, type RawClient } from '../../testing/raw-client'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'

async function service(limits: Partial<typeof serverLimits>) {
  const { routes, begun, letGo } = heldRoutes()
  const { app } = await testApp(routes)
  const server = await listen(app, { limits })
  const client = (options = {}) => rawClient(server.port, options)
  /** A connection on which a request was served. */
  const idle = async () => {
    const it = await client()
    it.send(get('/quick'))
    await eventually(() => it.statuses().length === 1)
    return it
  }
  /** A connection on which this was sent, and whose peer does no more once this status has come. */
  const slow = async (bytes: string, statuses: number[]) => {
    const it = await client({ readsOn: false })
    it.send(bytes)
    await eventually(() => isDeepStrictEqual(it.statuses(), statuses))
    return it
  }
  const newCaller = async () => (await idle()).statuses()
  return { server, client, idle, slow, newCaller, begun, letGo }
}

const areClosed = (...clients: RawClient[]) => clients.map(({ isClosed }) => isClosed())

describe('a new caller of a server that has as many connections as it may have', () => {
  it('takes the place of the one that has been silent for longest', async () => {
    const { client, newCaller } = await service({ maxConnections: 3 })
    const silent = [await client(), await client(), await client()] as const
    expect(await newCaller()).toEqual([200])
    await silent[0].untilClosed()
    expect(areClosed(...silent)).toEqual([true, false, false])
  })

  it('takes the place of a silent one rather than of one that was served', async () => {
    const { client, idle, newCaller } = await service({ maxConnections: 3 })
    const served = await idle()
    const silent = [await client(), await client()] as const
    expect(await newCaller()).toEqual([200])
    await silent[0].untilClosed()
    expect(areClosed(served, ...silent)).toEqual([false, true, false])
  })

  it('takes the place of the one that has been idle for longest', async () => {
    const { idle, newCaller } = await service({ maxConnections: 3 })
    const served = [await idle(), await idle(), await idle()] as const
    served[0].send(get('/quick'))
    await eventually(() => served[0].statuses().length === 2)
    expect(await newCaller()).toEqual([200])
    await served[1].untilClosed()
    expect(areClosed(...served)).toEqual([false, true, false])
  })

  it.each([
    ['whose headers are slow', [], 'GET /quick HTTP/1.1\r\nHost:'],
    ['whose body is slow', [100], post('/held', '{}', 'Expect: 100-continue').slice(0, -1)],
    ['whose response is not read', [200], get('/large')],
  ])('takes the place of one %s', async (_, statuses, bytes) => {
    const { slow, newCaller } = await service({ maxConnections: 1 })
    const { resume, untilClosed } = await slow(bytes, statuses)
    expect(await newCaller()).toEqual([200])
    resume()
    await untilClosed()
  })

  it('takes the place of one that is still there, whatever became of others', async () => {
    const { client, idle, newCaller, begun, letGo } = await service({ maxConnections: 2 })
    const gone = await client()
    gone.send(get('/held/one'))
    await eventually(() => begun.length === 1)
    gone.destroy()
    const served = [await idle(), await idle()] as const
    letGo()
    expect(await newCaller()).toEqual([200])
    await served[0].untilClosed()
    expect(areClosed(...served)).toEqual([true, false])
  })

  it('is turned away if the service works for all others', async () => {
    const { client, begun, letGo } = await service({ maxConnections: 2 })
    const busy = [await client(), await client()] as const
    busy[0].send(get('/held/one'))
    busy[1].send(get('/held/two'))
    await eventually(() => begun.length === 2)
    const late = await client()
    expect(await late.untilClosed()).toBe('')
    letGo()
    letGo()
    await eventually(() => busy.every(({ statuses }) => statuses().length === 1))
  })

  it('finds thousands of places, which are not counted by address', () => {
    expect(serverLimits.maxConnections).toBe(4096)
  })
})

describe('a connection on which nothing comes', () => {
  it('is closed without a word, and is not waited for', async () => {
    const { client } = await service({ headersTimeout: 50, connectionsCheckingInterval: 10, lingerTimeout: 60_000 })
    expect(await (await client()).untilClosed()).toBe('')
  })

  it('has at most the 5 s of the headers, and 30 s once it was served', () => {
    expect(serverLimits.headersTimeout).toBe(5_000)
    expect(serverLimits.keepAliveTimeout).toBe(30_000)
  })

  it('is looked at often enough, and a request that does not come whole too', () => {
    expect(serverLimits.connectionsCheckingInterval).toBeLessThanOrEqual(500)
    expect(serverLimits.headersTimeout).toBeLessThanOrEqual(serverLimits.requestTimeout)
    expect(serverLimits.requestTimeout + serverLimits.connectionsCheckingInterval).toBeLessThan(12_000)
    expect(serverLimits.idleTimeout).toBeGreaterThan(30_000)
  })

  it('does not hold up a server that stops', async () => {
    const { server, client, idle } = await service({})
    const [silent, served] = [await client(), await idle()]
    expect(await server.stop(60_000)).toBe(0)
    await Promise.all([silent.untilClosed(), served.untilClosed()])
  })
})

test('pipelined requests of all connections begin a few at a time, so that others come in between', async () => {
  const connections = new Connections(serverLimits, { cut: () => undefined, refused: () => undefined })
  let begun = 0
  for (let request = 0; request < 10; request++) {
    connections.schedule(() => {
      begun += 1
    })
  }
  const seen: number[] = []
  while (begun < 10) {
    await turn()
    seen.push(begun)
  }
  expect(seen).toEqual([4, 8, 10])
})
