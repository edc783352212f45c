import { FakeUserService } from './support/fake-user-service'
import { order, start } from './support/started-service'
import { temporaryServer } from '../../chassis/testing/server'
import { eventually, temporaryFolder } from '../../chassis/testing/temporary'

describe('order-service, while it stops,', () => {
  it('stops at once while it waits for the next event', async () => {
    let isWaiting = false
    const { url } = await temporaryServer((req, res) => {
      if (req.url?.includes('timeout=5000')) isWaiting = true
      else if (req.url?.startsWith('/events')) res.end('[]')
      else res.writeHead(503).end()
    })
    const { stop } = await start(temporaryFolder(), { USER_SERVICE_URL: url })
    await eventually(() => isWaiting)
    const began = performance.now()
    await stop()
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('finishes an order in progress when it stops, and is not ready meanwhile', async () => {
    const fake = await FakeUserService.start()
    const { url, stop } = await start(temporaryFolder(), { USER_SERVICE_URL: fake.url })
    let stopping: Promise<void> | undefined
    let readyWhileStopping: Response | undefined
    fake.before = async () => {
      stopping = stop()
      readyWhileStopping = await fetch(`${url}/health/ready`)
      return undefined
    }
    const answer = await order(url, await fake.token(fake.user()))
    expect(answer.status).toBe(201)
    expect(answer.headers.get('connection')).toBe('keep-alive') // it was begun before
    expect(readyWhileStopping?.status).toBe(503)
    expect(readyWhileStopping?.headers.get('connection')).toBe('close')
    await stopping
    await expect(fetch(url)).rejects.toThrow()
  })

  it('returns an empty page to waiting readers when it stops', async () => {
    const fake = await FakeUserService.start()
    const { url, stop } = await start(temporaryFolder(), { USER_SERVICE_URL: fake.url, SHUTDOWN_GRACE_MS: '4000' })
    const headers = { authorization: `Bearer ${await fake.token('admin')}` }
    const poll = fetch(`${url}/events?timeout=30000`, { headers })
    await eventually(async () => (await (await fetch(`${url}/metrics`)).text()).includes('\nfeed_readers_waiting 1\n'))
    await stop()
    const answer = await poll
    expect([answer.status, await answer.json()]).toEqual([200, []])
  })
})
