import { Faults, FaultSettings } from '@tandem/chassis/server/faults'
import { readableLog } from '../../testing/test-app'
import { settled, VirtualSystem } from '../../testing/virtual-system'

const off = { latencyMs: 0, errorRate: 0, lostResponseRate: 0, frozen: false, endsAt: null }
const none = FaultSettings.parse({})

function faults({ random = 0.5 } = {}) {
  const system = new VirtualSystem()
  system.random = () => random
  const { log, lines } = readableLog()
  return { system, lines, state: new Faults(system, log) }
}

/** Whether the promise has resolved, as far as that needs no time. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false
  void promise.then(() => (done = true))
  await settled()
  return done
}

describe('Faults', () => {
  it('are off at first, and go off by themselves after 60 s', async () => {
    const { system, state } = faults()
    expect(state.current).toEqual(off)
    state.switchOn({ ...none, latencyMs: 5 })
    expect(state.current).toEqual({ ...off, latencyMs: 5, endsAt: '2026-01-01T00:01:00.000Z' })
    await system.pass(59_999)
    expect(state.areOn).toBe(true)
    await system.pass(1)
    expect(state.current).toEqual(off)
  })

  it('last 60 s from when they were switched on last, and are replaced as a whole', async () => {
    const { system, state } = faults()
    state.switchOn({ ...none, latencyMs: 5 })
    await system.pass(40_000)
    state.switchOn({ ...none, errorRate: 0.5 })
    expect(state.current).toEqual({ ...off, errorRate: 0.5, endsAt: '2026-01-01T00:01:40.000Z' })
    await system.pass(59_999)
    expect(state.areOn).toBe(true)
    await system.pass(1)
    expect(state.areOn).toBe(false)
    expect(system.timers).toBe(0)
  })

  it('go off if nothing is switched on, without a timer that stays', () => {
    const { system, state } = faults()
    state.switchOn({ ...none, frozen: true })
    state.switchOn(none)
    expect(state.current).toEqual(off)
    expect(system.timers).toBe(0)
  })

  it('hold requests while frozen, also if they are switched on again, until thawed', async () => {
    const { system, state } = faults()
    state.switchOn({ ...none, frozen: true })
    const held = state.thawed()
    await system.pass(50_000)
    state.switchOn({ ...none, frozen: true, latencyMs: 1 })
    await system.pass(50_000)
    expect(await isDone(held)).toBe(false)
    state.switchOn({ ...none, latencyMs: 1 })
    expect(await isDone(held)).toBe(true)
  })

  it('hold requests for 60 s if nobody thaws the service', async () => {
    const { system, state } = faults()
    state.switchOn({ ...none, frozen: true })
    const held = state.thawed()
    await system.pass(59_999)
    expect(await isDone(held)).toBe(false)
    await system.pass(1)
    expect(await isDone(held)).toBe(true)
  })

  it('slow a request down by the latency, or until they go off', async () => {
    const { system, state } = faults()
    state.switchOn({ ...none, latencyMs: 300 })
    const [first, second] = [state.slow(), state.slow()]
    await system.pass(299)
    expect(await isDone(first)).toBe(false)
    await system.pass(1)
    expect(await isDone(first)).toBe(true)
    await second
    const third = state.slow()
    state.switchOff()
    expect(await isDone(third)).toBe(true)
    expect(system.timers).toBe(0)
  })

  it.each([
    [0.29, 'error'],
    [0.3, 'lost-response'],
    [0.89, 'lost-response'],
    [0.9, undefined],
  ])('decide by chance: %d gives %s at rates of 0.3 and 0.6', (random, outcome) => {
    const { state } = faults({ random })
    state.switchOn({ ...none, errorRate: 0.3, lostResponseRate: 0.6 })
    expect(state.next()).toBe(outcome)
  })

  it('hit every request at a rate of 1, and none at 0', () => {
    const { state } = faults({ random: 0 })
    expect(state.next()).toBeUndefined()
    const { state: sure } = faults({ random: 0.999_999 })
    sure.switchOn({ ...none, errorRate: 1 })
    expect(sure.next()).toBe('error')
  })

  it('warn when they go on, say when they go off, and warn at most every 10 s in between', async () => {
    const { system, state, lines } = faults()
    state.switchOff()
    state.switchOn({ ...none, errorRate: 1 })
    for (let i = 0; i < 5; i++) state.met()
    await system.pass(10_000)
    state.met()
    state.switchOff()
    expect(lines.map(({ msg, level, requests }) => ({ msg, level, requests }))).toEqual([
      { msg: 'faults switched on', level: 40 },
      { msg: 'faults are on', level: 40, requests: 1 },
      { msg: 'faults are on', level: 40, requests: 5 },
      { msg: 'faults switched off', level: 30 },
    ])
  })
})
