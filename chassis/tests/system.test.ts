import { realSystem, timestamp } from '@tandem/chassis/system'

describe('The real system', () => {
  it('makes ids that are UUIDs of version 7, sorted by time', async () => {
    const ids = Array.from({ length: 1000 }, () => realSystem.newId())
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(1000)
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('calls back when the turn has ended, and after the time it was given', async () => {
    const order: string[] = []
    const timer = realSystem.setTimeout(() => order.push('cleared'), 0)
    realSystem.clearTimeout(timer)
    await new Promise<void>((resolve) => {
      realSystem.afterTurn(() => order.push('after the turn'))
      realSystem.setTimeout(resolve, 5)
      void Promise.resolve().then(() => order.push('in the turn'))
    })
    expect(order).toEqual(['in the turn', 'after the turn'])
  })

  it('has a clock, a stopwatch and chance', () => {
    expect(Math.abs(realSystem.now() - Date.now())).toBeLessThan(1000)
    const before = realSystem.monotonic()
    expect(realSystem.monotonic()).toBeGreaterThanOrEqual(before)
    expect(realSystem.random()).toBeGreaterThanOrEqual(0)
    expect(realSystem.random()).toBeLessThan(1)
  })

  it('writes times as ISO 8601 in UTC', () => {
    expect(timestamp({ now: () => 0 })).toBe('1970-01-01T00:00:00.000Z')
  })
})
