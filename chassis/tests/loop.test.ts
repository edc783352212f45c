import { Loop } from '@tandem/chassis/loop'
import { settled, VirtualSystem } from '../testing/virtual-system'

/** A loop whose steps are noted with the time at which they began. */
function loopOf(step: (loop: Loop) => Promise<number>) {
  const system = new VirtualSystem()
  const steps: number[] = []
  const loop: Loop = new Loop(() => {
    steps.push(system.monotonic())
    return step(loop)
  }, system)
  return { system, steps, loop }
}

describe('A loop', () => {
  it('runs a step at once, and each further one after the pause that the last one returned', async () => {
    const pauses = [10, 30, 500]
    const { system, steps, loop } = loopOf(async () => pauses.shift() ?? 1000)
    loop.start()
    await system.pass(539)
    expect(steps).toEqual([0, 10, 40])
    await system.pass(1)
    expect(steps).toEqual([0, 10, 40, 540])
    await loop.stop()
  })

  it('runs the next step at once if the pause is zero', async () => {
    const pauses = [0, -1, 100]
    const { system, steps, loop } = loopOf(async () => pauses.shift() ?? 1000)
    loop.start()
    await settled()
    expect(steps).toEqual([0, 0, 0])
    expect(system.timers).toBe(1)
    await loop.stop()
  })

  it('ends its pause when it is woken, and leaves the next one out if that was during a step', async () => {
    const { system, steps, loop } = loopOf(async (own) => {
      if (steps.length === 2) own.wake()
      return 1000
    })
    loop.start()
    await system.pass(100)
    loop.wake()
    await system.pass(999)
    expect(steps).toEqual([0, 100, 100])
    await system.pass(1)
    expect(steps).toEqual([0, 100, 100, 1100])
    await loop.stop()
  })

  it('stops at once within a pause, and leaves no timer', async () => {
    const { system, steps, loop } = loopOf(async () => 1000)
    loop.start()
    await settled()
    await loop.stop()
    expect(system.timers).toBe(0)
    await system.pass(5000)
    expect(steps).toEqual([0])
  })

  it('stops after the current step, and runs no other', async () => {
    let end: (pause: number) => void = () => undefined
    const { steps, loop } = loopOf(() => new Promise((resolve) => (end = resolve)))
    loop.start()
    let stopped = false
    const stop = loop.stop().then(() => (stopped = true))
    await settled()
    expect(stopped).toBe(false)
    end(0)
    await stop
    expect(steps).toEqual([0])
  })

  it('cuts short a pause within a step when it stops, and any later one', async () => {
    const { system, steps, loop } = loopOf(async (self) => {
      await self.pause(1000)
      await self.pause(1000)
      return 1000
    })
    loop.start()
    await system.pass(10)
    await loop.stop()
    expect([steps, system.timers, system.monotonic()]).toEqual([[0], 0, 10])
  })

  it('otherwise lets a pause within a step pass', async () => {
    const { system, steps, loop } = loopOf(async (self) => {
      await self.pause(20)
      return 30
    })
    loop.start()
    await system.pass(99)
    expect(steps).toEqual([0, 50])
    await loop.stop()
  })

  it('does nothing if it was stopped before it started, and can be stopped twice', async () => {
    const { steps, loop } = loopOf(async () => 0)
    await loop.stop()
    loop.start()
    await loop.stop()
    expect([steps, loop.stopping]).toEqual([[], true])
  })
})
