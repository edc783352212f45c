import request from 'supertest'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { VirtualSystem } from '../../testing/virtual-system'

const own = ['127.0.0.1', '::1']

/** An app that trusts the proxy called gateway, whose addresses a test can change. */
async function appBehindGateway(addresses: string[] | Error) {
  const system = new VirtualSystem()
  const gateway = { addresses, lookUps: 0 }
  const lookUp = async () => {
    gateway.lookUps += 1
    if (gateway.addresses instanceof Error) throw gateway.addresses
    return gateway.addresses
  }
  const { app, lines } = await testApp([], { trustProxy: 1, trustedProxies: ['gateway'], lookUp, system })
  const ask = async (fields: Record<string, string> = { 'X-Forwarded-For': '192.0.2.1' }) => {
    const before = lines.length
    const { body } = await request(app)
      .get('/nothing')
      .set({ ...fields, 'X-Forwarded-Prefix': '/shop' })
    await eventually(() => lines.slice(before).some(({ msg }) => msg === 'request'))
    const line = lines.slice(before).find(({ msg }) => msg === 'request')!
    return { client: line.client, type: body.type }
  }
  return { ask, gateway, system, lines }
}

const believed = { client: '192.0.2.1', type: '/shop/problems/not-found' }
const notBelieved = { client: expect.stringMatching(/127\.0\.0\.1$/), type: '/problems/not-found' }

describe('With TRUSTED_PROXIES, the X-Forwarded-* fields of a request', () => {
  it('count from the first request on if the connection comes from such a proxy', async () => {
    const { ask } = await appBehindGateway(own)
    expect(await ask()).toEqual(believed)
  })

  it('count for nothing if the connection comes from elsewhere', async () => {
    const { ask } = await appBehindGateway(['192.0.2.99'])
    expect(await ask()).toEqual(notBelieved)
  })

  it('count for nothing if the name is not found, and the log says so once', async () => {
    const { ask, system, lines } = await appBehindGateway(new Error('ENOTFOUND'))
    expect(await ask()).toEqual(notBelieved)
    await system.pass(1_000)
    expect(await ask()).toEqual(notBelieved)
    expect(lines.filter(({ msg }) => msg === 'trusted proxies not found')).toHaveLength(1)
  })

  it('count again within a second if the proxy comes back with another address', async () => {
    const { ask, gateway, system } = await appBehindGateway(['192.0.2.99'])
    expect(await ask()).toEqual(notBelieved)
    gateway.addresses = own
    await system.pass(1_000)
    expect(await ask()).toEqual(believed)
  })

  it('count no longer if the address has become that of another host', async () => {
    const { ask, gateway, system } = await appBehindGateway(own)
    expect(await ask()).toEqual(believed)
    gateway.addresses = ['192.0.2.99']
    await system.pass(30_000)
    await ask() // starts the look-up
    expect(await ask()).toEqual(notBelieved)
  })

  it('cause at most one look-up a second, however many strangers send them', async () => {
    const { ask, gateway, system } = await appBehindGateway(['192.0.2.99'])
    for (let i = 0; i < 5; i++) await ask()
    expect(gateway.lookUps).toBe(1)
    await system.pass(1_000)
    await Promise.all(Array.from({ length: 5 }, () => ask()))
    expect(gateway.lookUps).toBe(2)
  })

  it('cause no look-up if the request does not say that it was forwarded', async () => {
    const { ask, gateway } = await appBehindGateway(own)
    expect(await ask({})).toEqual(notBelieved)
    expect(gateway.lookUps).toBe(0)
  })
})

test('a request waits half a second at most for the look-up of a trusted proxy', async () => {
  const system = new VirtualSystem()
  const lookUp = () => new Promise<string[]>(() => undefined)
  const { app } = await testApp([], { trustProxy: 1, trustedProxies: ['gateway'], lookUp, system })
  const response = request(app).get('/nothing').set('X-Forwarded-For', '192.0.2.1')
  const status = response.then(({ status }) => status)
  await eventually(() => system.timers > 0)
  await system.pass(500)
  expect(await status).toBe(404)
})
