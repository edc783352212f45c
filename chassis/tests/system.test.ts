import { realSystem, timestamp } from '@tandem/chassis/system'

describe('An id', () => {
  it('is a UUIDv7 of the moment that it was made', () => {
    const before = Date.now()
    const id = realSystem.newId()
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const made = parseInt(id.replaceAll('-', '').slice(0, 12), 16)
    expect(made).toBeGreaterThanOrEqual(before)
    expect(made).toBeLessThanOrEqual(Date.now() + 1)
  })

  it('is never made twice, and sorts by when it was made', () => {
    const ids = Array.from({ length: 20_000 }, () => realSystem.newId())
    expect(new Set(ids).size).toBe(ids.length)
    expect([...ids].sort()).toEqual(ids)
  })

  it('sorts last also after the clock was set back', () => {
    const [now] = [Date.now(), jest.useFakeTimers({ now: 0, doNotFake: ['setImmediate', 'nextTick'] })]
    try {
      jest.setSystemTime(now + 1000)
      const before = realSystem.newId()
      jest.setSystemTime(now)
      expect(realSystem.newId() > before).toBe(true)
    } finally {
      jest.useRealTimers()
    }
  })
})

describe('A time', () => {
  it('is written in ISO 8601, in UTC', () => {
    expect(timestamp({ now: () => 0 })).toBe('1970-01-01T00:00:00.000Z')
  })
})
