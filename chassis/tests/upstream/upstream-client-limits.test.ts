import { ScriptedTransport } from '../../testing/scripted-transport'
import { settled } from '../../testing/virtual-system'
import { upstream } from '../../testing/test-upstream'

describe('The time limit of a call', () => {
  it('is a second for each attempt, or what is left', async () => {
    const { system, transport, call } = upstream()
    call({ withinMs: 2500 })
    const timeouts: number[] = []
    for (let attempt = 1; attempt <= 3; attempt++) {
      await settled()
      timeouts.push(transport.last.timeoutMs)
      await system.pass(1000)
      transport.last.fail('timeout')
      await system.pass(attempt === 1 ? 75 : 150)
    }
    expect(timeouts).toEqual([1000, 1000, 275])
  })

  it('allows no attempt with less than 100 ms left', async () => {
    const { system, transport, call } = upstream()
    const [short, enough] = [call({ withinMs: 99 }), call({ withinMs: 100 })]
    await system.pass(0)
    expect(transport.sent.map(({ timeoutMs }) => timeoutMs)).toEqual([100])
    expect(short.result).toEqual({ answered: false, reason: 'no-time-left', failures: [] })
    expect(enough.result).toBeUndefined()
  })

  it('ends the call at once if a pause would leave too little for another attempt', async () => {
    const { system, transport, call } = upstream()
    const seen = call({ withinMs: 1100 })
    await system.pass(950)
    transport.last.fail('ECONNRESET') // 150 ms are left, the pause is 75
    await settled()
    expect(seen).toEqual({
      result: { answered: false, failures: ['ECONNRESET'], reason: 'ECONNRESET' },
      at: 950,
    })
    expect(transport.sent).toHaveLength(1)
  })

  it('is checked again after the pause, because timers may be late', async () => {
    const { system, transport, call } = upstream()
    const seen = call({ withinMs: 1000 })
    await system.pass(800)
    const setTimeout = system.setTimeout.bind(system)
    Object.assign(system, { setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms + 50) })
    transport.last.fail('ECONNRESET')
    await system.pass(200)
    expect(transport.sent).toHaveLength(1)
    expect(seen.result).toMatchObject({ answered: false, reason: 'ECONNRESET' })
  })

  it('includes the wait for a slot', async () => {
    const { system, transport, call } = upstream()
    const others = Array.from({ length: 128 }, () => call({ withinMs: 10_000 }))
    await settled()
    const waiting = call({ withinMs: 3000 })
    await system.pass(2600)
    expect(transport.sent).toHaveLength(128)
    transport.sent[0]?.answer(200)
    await settled()
    expect(others[0]?.result).toMatchObject({ answered: true })
    expect(transport.sent).toHaveLength(129)
    expect(transport.last.timeoutMs).toBe(400)
    expect(waiting.result).toBeUndefined()
  })
})

describe('Calls beyond the bulkhead', () => {
  it('wait for a slot, 128 of them, and further ones fail at once', async () => {
    const { system, transport, call } = upstream()
    for (let n = 0; n < 128; n++) call()
    const waiting = Array.from({ length: 128 }, () => call())
    const beyond = call()
    await settled()
    expect(transport.sent).toHaveLength(128)
    expect(beyond.result).toEqual({ answered: false, reason: 'busy', failures: [] })
    expect(waiting.filter(({ result }) => result !== undefined)).toEqual([])
    await system.pass(3000)
    expect(waiting[0]).toEqual({ result: { answered: false, reason: 'busy', failures: [] }, at: 3000 })
  })

  it('are not sent if the circuit has opened while they waited', async () => {
    const { transport, call, openCircuit } = upstream()
    for (let n = 0; n < 128; n++) call()
    const waiting = call()
    await settled()
    openCircuit()
    transport.sent[0]?.answer(200)
    await settled()
    expect(waiting.result).toEqual({ answered: false, reason: 'circuit-open', failures: [] })
    expect(transport.sent).toHaveLength(128)
  })
})

describe('A call while the circuit is open', () => {
  it('fails at once, without being sent, until a second has passed', async () => {
    const { system, transport, call, openCircuit } = upstream()
    openCircuit()
    const seen = call()
    await settled()
    expect(seen).toEqual({ result: { answered: false, reason: 'circuit-open', failures: [] }, at: 0 })
    await system.pass(999)
    const late = call({ once: true })
    await settled()
    expect(late).toEqual({ result: { answered: false, reason: 'circuit-open', failures: [] }, at: 999 })
    expect(transport.sent).toEqual([])
  })

  it('takes no slot from others', async () => {
    const { transport, call, openCircuit } = upstream()
    for (let n = 0; n < 256; n++) call()
    await settled()
    openCircuit()
    expect(transport.sent).toHaveLength(128)
    const seen = call()
    await settled()
    expect(seen.result).toMatchObject({ reason: 'circuit-open' })
  })

  it.each([{}, { once: true }])(
    'is the probe after a second, and closes the circuit if it is answered: %j',
    async (how) => {
      const { system, transport, breaker, call, openCircuit } = upstream()
      openCircuit()
      await system.pass(1000)
      const seen = call(how)
      await settled()
      transport.last.answer(404, { code: 'user-not-found' })
      await settled()
      expect(seen.result).toMatchObject({ answered: true, status: 404 })
      expect(breaker.isOpen).toBe(false)
    },
  )

  it.each([{}, { once: true }])('is not retried if it was the probe and failed: %j', async (how) => {
    const { system, transport, breaker, call, openCircuit } = upstream()
    openCircuit()
    await system.pass(1000)
    const seen = call(how)
    await settled()
    transport.last.fail('ECONNREFUSED')
    await system.pass(10_000)
    expect(seen).toEqual({ result: { answered: false, reason: 'ECONNREFUSED', failures: ['ECONNREFUSED'] }, at: 1000 })
    expect(transport.sent).toHaveLength(1)
    expect(breaker.isOpen).toBe(true)
  })

  it('waits at most a second as the probe, while all others fail at once', async () => {
    const { system, transport, call, openCircuit } = upstream()
    openCircuit()
    await system.pass(1000)
    const probe = call({ withinMs: 3000 })
    const others = [call(), call(), call({ once: true })]
    await settled()
    expect(transport.last.timeoutMs).toBe(1000)
    expect(transport.sent).toHaveLength(1)
    for (const other of others) expect(other).toMatchObject({ result: { reason: 'circuit-open' }, at: 1000 })
    await system.pass(1000)
    transport.last.fail('timeout')
    await settled()
    expect(probe).toMatchObject({ result: { answered: false, reason: 'timeout' }, at: 2000 })
  })
})

describe('A service with no other calls than its own', () => {
  it('sends one call a second during an outage, and all of them once one succeeds', async () => {
    const { system, transport, breaker, call } = upstream()
    const askFor = async (seconds: number, fate: (transport: ScriptedTransport) => void) => {
      const before = transport.sent.length
      for (let n = 0; n < seconds * 10; n++) {
        const sent = transport.sent.length
        call()
        await settled()
        if (transport.sent.length > sent) fate(transport)
        await system.pass(100)
      }
      return transport.sent.length - before
    }
    const away = (it: ScriptedTransport) => it.last.fail('ECONNREFUSED')
    const back = (it: ScriptedTransport) => it.last.answer(200)

    await askFor(1, away)
    expect(breaker.isOpen).toBe(true)
    expect(await askFor(10, away)).toBeLessThanOrEqual(11)
    const sent = await askFor(3, back)
    expect(breaker.isOpen).toBe(false)
    expect(sent).toBeGreaterThanOrEqual(20) // of 30, all but those of the last second that the circuit was open
  })
})

describe('A call with `once`', () => {
  it('is one attempt, even while the circuit is closed', async () => {
    const { system, transport, call } = upstream()
    call({ once: true })
    await settled()
    transport.last.fail('ECONNREFUSED')
    await system.pass(10_000)
    expect(transport.sent).toHaveLength(1)
  })
})
