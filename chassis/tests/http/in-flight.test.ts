import { EventEmitter } from 'node:events'
import { InFlight } from '@tandem/chassis/http/in-flight'

/** How many are admitted after turns of so many milliseconds, in each of which ten requests come. */
function admittedAfter(limit: number, turns: readonly number[]): number {
  let now = 0
  let end = (): void => undefined
  const inFlight = new InFlight(limit, { monotonic: () => now, afterTurn: (callback) => (end = callback) })
  for (const milliseconds of turns) {
    for (let i = 0; i < 10; i++) inFlight.noteArrival()
    now += milliseconds
    end()
    now += 1_000 // nothing comes for a while, which is no turn
  }
  let admitted = 0
  for (; !inFlight.isFull && admitted < 1_000; admitted++) inFlight.admit(new EventEmitter())
  return admitted
}

const times = (count: number, milliseconds: number) => Array<number>(count).fill(milliseconds)

describe('the requests that are worked on at once', () => {
  it('are as many as the limit allows while turns are short', () => {
    expect(admittedAfter(256, [])).toBe(256)
    expect(admittedAfter(256, times(100, 30))).toBe(256)
  })

  it('are a fifth fewer after each long turn, but not fewer than 64', () => {
    expect(admittedAfter(256, times(1, 31))).toBe(205)
    expect(admittedAfter(256, times(2, 31))).toBe(164)
    expect(admittedAfter(256, times(6, 31))).toBe(68)
    expect(admittedAfter(256, times(100, 500))).toBe(64)
  })

  it('are one more after each short turn, up to the limit', () => {
    expect(admittedAfter(256, [...times(100, 500), ...times(10, 1)])).toBe(74)
    expect(admittedAfter(256, [...times(100, 500), ...times(500, 1)])).toBe(256)
  })

  it('are never fewer than a limit below 64', () => {
    expect(admittedAfter(3, times(100, 500))).toBe(3)
  })
})
