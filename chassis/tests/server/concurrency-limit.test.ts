import { EventEmitter } from 'node:events'
import { ConcurrencyLimit } from '@tandem/chassis/server/concurrency-limit'

interface Turn {
  milliseconds: number
  /** For which nothing comes after it. */
  pauseMs?: number
}

/** How many are admitted after such turns, in each of which ten requests come. */
function admittedAfter(max: number, turns: readonly Turn[]): number {
  let now = 0
  let ends: (() => void)[] = []
  const system = { monotonic: () => now, afterTurn: (callback: () => void) => void ends.push(callback) }
  const inFlight = new ConcurrencyLimit({ max, min: 64 }, system)
  for (const { milliseconds, pauseMs = 900 } of turns) {
    for (let i = 0; i < 10; i++) inFlight.observeTurn()
    now += milliseconds
    for (const end of ends) end()
    ends = []
    now += pauseMs
  }
  inFlight.observeTurn()
  const { current: allowed } = inFlight
  let admitted = 0
  for (; !inFlight.isFull && admitted < 1_000; admitted++) inFlight.acquire(new EventEmitter())
  expect(admitted).toBe(allowed)
  return admitted
}

const times = (count: number, milliseconds: number) => Array<Turn>(count).fill({ milliseconds })

describe('the requests that are worked on at once', () => {
  it('are as many as the limit allows while turns are short', () => {
    expect(admittedAfter(256, [])).toBe(256)
    expect(admittedAfter(256, times(100, 30))).toBe(256)
  })

  it('are a fifth fewer after each long turn, but not fewer than the minimum', () => {
    expect(admittedAfter(256, times(1, 31))).toBe(205)
    expect(admittedAfter(256, times(2, 31))).toBe(164)
    expect(admittedAfter(256, times(6, 31))).toBe(68)
    expect(admittedAfter(256, times(100, 500))).toBe(64)
  })

  it('are one more after each short turn, up to the limit', () => {
    expect(admittedAfter(256, [...times(100, 500), ...times(10, 1)])).toBe(74)
    expect(admittedAfter(256, [...times(100, 500), ...times(500, 1)])).toBe(256)
  })

  it('are as many as the limit allows again once nothing came for a second', () => {
    expect(admittedAfter(256, [...times(100, 500), { milliseconds: 500, pauseMs: 1_000 }])).toBe(64)
    expect(admittedAfter(256, [...times(100, 500), { milliseconds: 500, pauseMs: 1_001 }])).toBe(256)
  })

  it('are never fewer than a limit below the minimum', () => {
    expect(admittedAfter(3, times(100, 500))).toBe(3)
  })
})
