import { Bulkhead } from '@tandem/chassis/upstream/bulkhead'
import { settled, VirtualSystem } from '../../testing/virtual-system'

function limiter(limits: { inFlight: number; waiting: number }) {
  const system = new VirtualSystem()
  return { system, limiter: new Bulkhead(limits, system) }
}

/** What has become of those who wait. */
function watch(entered: Promise<boolean>) {
  const seen: { outcome: boolean | 'waiting' } = { outcome: 'waiting' }
  void entered.then((outcome) => (seen.outcome = outcome))
  return seen
}

/** The outcome that is there without time passing. */
async function now(entered: Promise<boolean>) {
  const seen = watch(entered)
  await settled()
  return seen.outcome
}

describe('A bulkhead', () => {
  it('grants a free slot at once', async () => {
    const { limiter: places } = limiter({ inFlight: 2, waiting: 0 })
    const outcomes = [1, 2, 3].map(() => now(places.acquire(1000)))
    expect(await Promise.all(outcomes)).toEqual([true, true, false])
  })

  it('grants a released slot', async () => {
    const { limiter: places } = limiter({ inFlight: 1, waiting: 0 })
    void places.acquire(1000)
    places.release()
    expect(await now(places.acquire(1000))).toBe(true)
    expect(await now(places.acquire(1000))).toBe(false)
  })

  it('limits how many can wait', async () => {
    const { limiter: places } = limiter({ inFlight: 1, waiting: 2 })
    void places.acquire(1000)
    expect(await now(places.acquire(1000))).toBe('waiting')
    expect(await now(places.acquire(1000))).toBe('waiting')
    expect(await now(places.acquire(1000))).toBe(false)
  })

  it('refuses at once without time to wait', async () => {
    const { limiter: places } = limiter({ inFlight: 1, waiting: 2 })
    void places.acquire(1000)
    expect(await now(places.acquire(0))).toBe(false)
    expect(await now(places.acquire(-1))).toBe(false)
  })

  it('passes a slot to the longest waiter, and to nobody else', async () => {
    const { limiter: places } = limiter({ inFlight: 1, waiting: 2 })
    void places.acquire(1000)
    const [first, second] = [watch(places.acquire(1000)), watch(places.acquire(1000))]
    places.release()
    expect(await now(places.acquire(1000))).toBe('waiting') // the place is not free in between
    await settled()
    expect([first.outcome, second.outcome]).toEqual([true, 'waiting'])
  })

  it('refuses after the time to wait, and frees the place in the queue', async () => {
    const { system, limiter: places } = limiter({ inFlight: 1, waiting: 1 })
    void places.acquire(1000)
    const waiting = watch(places.acquire(500))
    await system.pass(499)
    expect(waiting.outcome).toBe('waiting')
    await system.pass(1)
    expect(waiting.outcome).toBe(false)
    expect(await now(places.acquire(1000))).toBe('waiting')
  })

  it('skips waiters that gave up', async () => {
    const { system, limiter: places } = limiter({ inFlight: 1, waiting: 2 })
    void places.acquire(1000)
    const [short, long] = [watch(places.acquire(100)), watch(places.acquire(1000))]
    await system.pass(100)
    places.release()
    await settled()
    expect([short.outcome, long.outcome]).toEqual([false, true])
  })

  it('leaves no timers behind', async () => {
    const { system, limiter: places } = limiter({ inFlight: 1, waiting: 1 })
    void places.acquire(1000)
    const waiting = watch(places.acquire(100))
    places.release()
    expect(system.timers).toBe(0)
    await system.pass(1000)
    expect(waiting.outcome).toBe(true)
  })
})
