import { RateWindows } from '@tandem/chassis/server/rate-windows'
import { VirtualSystem } from '../../testing/virtual-system'

function windows() {
  const system = new VirtualSystem()
  const counted = new RateWindows(system)
  return { system, counted, hits: (client: string) => counted.increment(client).totalHits }
}

describe('Rate windows', () => {
  it('count each client from its first request, and start again after a minute', async () => {
    const { system, hits } = windows()
    expect([hits('ada'), hits('ada')]).toEqual([1, 2])
    await system.pass(30_000)
    expect([hits('ada'), hits('bob')]).toEqual([3, 1])
    await system.pass(30_000)
    expect([hits('ada'), hits('bob')]).toEqual([1, 2])
    await system.pass(30_000)
    expect([hits('ada'), hits('bob')]).toEqual([2, 1])
  })

  it('end at least a second after each request, so that Retry-After is never 0', async () => {
    const { system, counted, hits } = windows()
    hits('ada')
    await system.pass(59_999)
    const now = Date.now()
    expect(counted.increment('ada').resetTime?.getTime()).toBeGreaterThanOrEqual(now + 1_000)
  })

  it('keep 10,000 clients at most, and drop the oldest for a new one', () => {
    const { hits } = windows()
    for (let n = 0; n < 10_000; n++) hits(`client ${n}`)
    expect(hits('client 1')).toBe(2)
    hits('one more')
    expect(hits('client 1')).toBe(3)
    expect(hits('client 0')).toBe(1)
  })
})
