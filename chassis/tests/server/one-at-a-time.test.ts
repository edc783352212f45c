import { listen, get, post, rawClient } from '../../testing/raw-client'
import { heldRoutes } from '../../testing/held-routes'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import type { serverLimits } from '@tandem/chassis/server/listen'

async function held(limits: Partial<typeof serverLimits> = {}) {
  const { routes, ...control } = heldRoutes()
  const { app, lines } = await testApp(routes, { maxInFlight: 2 })
  const server = await listen(app, { limits })
  /** A round trip of another caller, after which all that came before it has had its effect. */
  const other = async () => (await fetch(`${server.url}/quick`)).status
  return { ...control, lines, other, url: server.url, client: () => rawClient(server.port) }
}

describe('requests that come on one connection without waiting for responses', () => {
  it('are worked on one after the other, each once the response before it was sent', async () => {
    const { client, begun, letGo, other } = await held()
    const { send, statuses, text } = await client()
    send(get('/held/one') + get('/held/two') + get('/held/three'))
    await eventually(() => begun.length > 0)
    for (const expected of [['one'], ['one', 'two'], ['one', 'two', 'three']]) {
      expect(await other()).toBe(200)
      expect(begun).toEqual(expected)
      letGo()
      await eventually(() => statuses().length === expected.length)
      await eventually(() => begun.length === Math.min(expected.length + 1, 3))
    }
    expect([...text().matchAll(/\{"name":"(\w+)"\}/g)].map(([, name]) => name)).toEqual(['one', 'two', 'three'])
  })

  it('take one place in flight, so that all are served and other callers too', async () => {
    const { client, other } = await held({ maxWaiting: 1000 })
    const { send, statuses } = await client()
    send(get('/quick').repeat(300))
    await eventually(() => statuses().length > 0)
    expect(await other()).toBe(200)
    await eventually(() => statuses().length === 300)
    expect(new Set(statuses())).toEqual(new Set([200]))
  })

  it('let other callers have their turn', async () => {
    const { client, other } = await held({ maxWaiting: 1000 })
    const { send, statuses } = await client()
    send(get('/quick').repeat(1000))
    await eventually(() => statuses().length > 0)
    expect(await other()).toBe(200)
    expect(statuses().length).toBeLessThan(1000)
    await eventually(() => statuses().length === 1000)
  })

  it('keep their bodies until it is their turn', async () => {
    const { client, begun, letGo } = await held()
    const { send, statuses, text } = await client()
    const long = 'x'.repeat(15_000)
    send(post('/held', '{"name":"one"}') + post('/held', `{"name":"${long}"}`) + post('/held', '{"name":"three"}'))
    for (const count of [1, 2, 3]) {
      await eventually(() => begun.length === count)
      letGo()
    }
    await eventually(() => statuses().length === 3)
    expect(statuses()).toEqual([200, 200, 200])
    expect([...text().matchAll(/\{"name":"(\w+)"\}/g)].map(([, name]) => name)).toEqual(['one', long, 'three'])
  })

  it('are asked for their body only when it is their turn', async () => {
    const { client, begun, letGo, other } = await held()
    const { send, statuses } = await client()
    send(get('/held/one') + post('/held', '', 'Expect: 100-continue').replace('Length: 0', 'Length: 14'))
    await eventually(() => begun.length === 1)
    expect(await other()).toBe(200)
    expect(statuses()).toEqual([])
    letGo()
    await eventually(() => statuses().length === 2)
    expect(statuses()).toEqual([200, 100])
    send('{"name":"two"}')
    await eventually(() => begun.length === 2)
    letGo()
    await eventually(() => statuses().length === 3)
    expect(statuses()).toEqual([200, 100, 200])
  })

  it('are not worked on behind one that closes the connection', async () => {
    const { client, begun, letGo, other } = await held()
    const { send, untilClosed, statuses } = await client()
    send(get('/held/one', 'Connection: close') + get('/held/two'))
    await eventually(() => begun.length === 1)
    letGo()
    await untilClosed()
    expect(await other()).toBe(200)
    expect([begun, statuses()]).toEqual([['one'], [200]])
  })

  it('are forgotten once their caller has gone', async () => {
    const { client, begun, letGo, lines, other } = await held()
    const { send, destroy } = await client()
    send(get('/held/one') + get('/held/two'))
    await eventually(() => begun.length === 1)
    destroy()
    await eventually(() => lines.some(({ status }) => status === 'aborted'))
    letGo()
    expect(await other()).toBe(200)
    expect(begun).toEqual(['one'])
  })

  it('are a few at most: the connection is closed once those have their responses', async () => {
    const { client, begun, letGo, other } = await held()
    const { send, untilClosed, statuses } = await client()
    send(get('/held/one') + get('/quick').repeat(15) + get('/held/last') + get('/held/beyond').repeat(1000))
    await eventually(() => begun.length === 1)
    expect(await other()).toBe(200)
    letGo()
    await eventually(() => begun.length === 2)
    letGo()
    await untilClosed()
    expect(begun).toEqual(['one', 'last'])
    expect(statuses()).toEqual(Array(17).fill(200))
  })

  it('are one at most if those of all connections take too much memory', async () => {
    const { client, begun, letGo, other } = await held({ maxWaitingBytes: 0 })
    const { send, untilClosed, statuses } = await client()
    send(get('/held/one') + get('/held/two') + get('/held/three'))
    await eventually(() => begun.length === 1)
    expect(await other()).toBe(200)
    letGo()
    await eventually(() => begun.length === 2)
    letGo()
    await untilClosed()
    expect([begun, statuses()]).toEqual([
      ['one', 'two'],
      [200, 200],
    ])
  })

  it('count for the memory of all only while they wait', async () => {
    const { client, begun, letGo } = await held({ maxWaitingBytes: 5_000 })
    for (let i = 0; i < 5; i++) {
      const { send, statuses, isClosed } = await client()
      send(get('/held/one') + get('/held/two') + get('/held/three'))
      for (const count of [1, 2, 3]) {
        await eventually(() => begun.length === 3 * i + count)
        letGo()
      }
      await eventually(() => statuses().length === 3)
      expect(isClosed()).toBe(false)
    }
  })

  it('do no harm if their caller resets the connection', async () => {
    for (const last of ['CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', get('/held/beyond').repeat(100), 'hello\r\n\r\n']) {
      const { client, begun, letGo, other } = await held()
      const { send, reset } = await client()
      send(get('/held/one') + get('/held/two') + last)
      await eventually(() => begun.length === 1)
      reset()
      expect(await other()).toBe(200)
      letGo()
      expect(await other()).toBe(200)
    }
  })
})
