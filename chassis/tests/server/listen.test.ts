import http from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import { OperatorError } from '@tandem/chassis/failure'
import { reachableUrl, startServer } from '@tandem/chassis/server/listen'
import { silentLog } from '@tandem/chassis/log'
import { runChild } from '../../testing/child'
import { temporaryServer } from '../../testing/server'
import { afterThisTest, eventually } from '../../testing/temporary'

/** A server whose requests to /slow wait until they are let go. */
async function server() {
  let letGo: () => void = () => undefined
  const running = await startServer(
    (req, res) => {
      if (req.url === '/slow') letGo = () => res.end('slow')
      else res.end('quick')
    },
    { host: '127.0.0.1', port: 0, log: silentLog },
  )
  let stopped: Promise<number> | undefined
  const stop = (graceMs: number) => (stopped ??= running.stop(graceMs))
  afterThisTest(() => stop(0))
  const agent = new http.Agent({ keepAlive: true })
  afterThisTest(() => agent.destroy())
  const get = async (path: string) => {
    const [answer] = (await once(http.get({ host: '127.0.0.1', port: running.port, path, agent }), 'response')) as [
      http.IncomingMessage,
    ]
    answer.setEncoding('utf8')
    let body = ''
    for await (const chunk of answer) body += String(chunk)
    return { body, connection: answer.headers.connection }
  }
  const slowRequest = async () => {
    letGo = () => undefined
    const idle = letGo
    const answered = get('/slow').catch((error: unknown) => (error as NodeJS.ErrnoException).code)
    await eventually(() => letGo !== idle)
    return { answered, letGo: () => letGo() }
  }
  return { port: running.port, stop, get, slowRequest }
}

describe('A server', () => {
  it('takes a free port for port 0 and says which', async () => {
    const { port, get } = await server()
    expect(port).toBeGreaterThan(0)
    expect((await get('/')).body).toBe('quick')
  })

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
    ['::1', '[::1]'],
  ])('that listens on %s is reached at %s from the same machine', (host, name) => {
    expect(reachableUrl(host, 3000)).toBe(`http://${name}:3000`)
  })

  it('does not start on a port that is taken, and says so in one line', async () => {
    const { port } = await temporaryServer(() => undefined)
    const starting = startServer(() => undefined, { host: '127.0.0.1', port, log: silentLog })
    await expect(starting).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: it is taken`)
    await expect(starting).rejects.toBeInstanceOf(OperatorError)
  })

  it('does not start on an address that is not its own', async () => {
    const starting = startServer(() => undefined, { host: '192.0.2.1', port: 0, log: silentLog })
    await expect(starting).rejects.toThrow(
      'cannot listen on 192.0.2.1:0: EADDRNOTAVAIL. HOST, in the environment or .env, must be an address of this machine',
    )
  })
})

describe('A server that stops', () => {
  it('is not held up by connections that are idle', async () => {
    const { get, stop } = await server()
    await get('/')
    const began = performance.now()
    expect(await stop(5_000)).toBe(0)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('lets a request in flight finish, and is not held up by its connection after that', async () => {
    const { slowRequest, stop, port } = await server()
    const { answered, letGo } = await slowRequest()
    const began = performance.now()
    const stopping = stop(5_000)
    await eventually(() => refused(port))
    letGo()
    expect(await answered).toMatchObject({ body: 'slow' })
    expect(await stopping).toBe(0)
    expect(performance.now() - began).toBeLessThan(2_500)
  })

  it('still answers for a moment, and then takes no more', async () => {
    const { get, stop, port } = await server()
    const stopping = stop(5_000)
    expect((await get('/')).body).toBe('quick')
    await stopping
    expect(await refused(port)).toBe(true)
  })

  it('cuts what is left when the grace is over, and says how much', async () => {
    const { slowRequest, stop } = await server()
    const { answered } = await slowRequest()
    const began = performance.now()
    expect(await stop(400)).toBe(1)
    expect(performance.now() - began).toBeGreaterThan(390)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(await answered).toBe('ECONNRESET')
  })

  it('gives requests in flight their grace once it has served for its delay', async () => {
    const { slowRequest, stop } = await server()
    await slowRequest()
    const stopped = stop(300).then(() => 'within delay and grace')
    const late = new Promise((resolve) => setTimeout(resolve, 900, 'late'))
    expect(await Promise.race([stopped, late])).toBe('within delay and grace')
    await late
  })

  it('without any grace cuts at once', async () => {
    const { slowRequest, stop } = await server()
    await slowRequest()
    const began = performance.now()
    expect(await stop(0)).toBe(1)
    expect(performance.now() - began).toBeLessThan(200)
  })
})

async function refused(port: number): Promise<true | undefined> {
  const trying = http.get({ host: '127.0.0.1', port, agent: false })
  trying.on('response', (answer) => answer.resume())
  return new Promise((resolve) => {
    trying.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? true : undefined))
    trying.on('response', () => resolve(undefined))
  })
}

test('A server that is busy for a moment has hundreds of new callers connected meanwhile', async () => {
  const child = runChild(`
    const { startServer } = require('./src/server/listen')
    const { silentLog: log } = require('./src/log')
    const busy = (req, res) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000)
      res.end()
    }
    startServer(busy, { host: '127.0.0.1', port: 0, log }).then(({ port }) => console.log('port', port, 'open'))`)
  await child.says('open')
  const port = Number(/port (\d+)/.exec(child.output())?.[1])
  http.get({ host: '127.0.0.1', port }).on('error', () => undefined) // it is cut in the end
  const connecting = Array.from({ length: 700 }, async () => {
    const socket = connect(port, '127.0.0.1')
    afterThisTest(() => socket.destroy())
    await once(socket, 'connect')
  })
  const began = performance.now()
  await Promise.all(connecting)
  expect(performance.now() - began).toBeLessThan(900) // the first repetition comes after a second
})
