import { UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import { ScriptedTransport } from '../../testing/scripted-transport'
import { settled, VirtualSystem } from '../../testing/virtual-system'
import { request, upstream } from '../../testing/test-upstream'

describe('A call with a response', () => {
  it.each([200, 204, 402, 404, 409, 429, 499])('is sent once and succeeds for status %i', async (status) => {
    const { system, transport, breaker, call } = upstream()
    for (let n = 0; n < 6; n++) {
      const seen = call()
      await settled()
      transport.last.answer(status, { code: 'code' })
      await system.pass(10_000)
      expect(seen.result).toEqual({ answered: true, status, body: { code: 'code' } })
    }
    expect(transport.sent).toHaveLength(6)
    expect(breaker.isOpen).toBe(false)
  })

  it('has no body if the response has none', async () => {
    const { transport, call } = upstream()
    const seen = call()
    await settled()
    transport.last.answer(204)
    await settled()
    expect(seen.result).toEqual({ answered: true, status: 204, body: undefined })
  })

  it('sends the request as given', async () => {
    const { transport, call } = upstream()
    call()
    await settled()
    expect(transport.last.request).toEqual(request)
  })
})

describe('A call without a usable response', () => {
  const failures: Record<string, (transport: ScriptedTransport) => void> = {
    'status-500': (transport) => transport.last.answer(500, { code: 'internal' }),
    'status-503': (transport) => transport.last.answer(503, { code: 'unavailable' }),
    'unreadable-response': (transport) => transport.last.answer(404, '<html>'),
    ECONNREFUSED: (transport) => transport.last.fail('ECONNREFUSED'),
    ECONNRESET: (transport) => transport.last.fail('ECONNRESET'),
    ENOTFOUND: (transport) => transport.last.fail('ENOTFOUND'),
    timeout: (transport) => transport.last.fail('timeout'),
  }

  it.each(Object.entries(failures))(
    'is attempted three times, then fails with the reason: %s',
    async (reason, fail) => {
      const { system, transport, call } = upstream()
      const seen = call()
      for (let attempt = 1; attempt <= 3; attempt++) {
        await settled()
        expect(transport.sent).toHaveLength(attempt)
        fail(transport)
        await system.pass(200)
      }
      expect(transport.sent).toHaveLength(3)
      expect(seen.result).toMatchObject({ answered: false, reason })
    },
  )

  it.each(Object.entries(failures))('counts as a failure for the circuit breaker: %s', async (_reason, fail) => {
    const { system, transport, breaker, call } = upstream()
    call()
    call()
    for (let attempt = 1; attempt <= 5; attempt++) {
      await settled()
      expect(breaker.isOpen).toBe(false)
      fail(transport)
      transport.sent.pop()
      if (transport.sent.length === 0) await system.pass(200)
    }
    await settled()
    expect(breaker.isOpen).toBe(true)
  })

  it('succeeds if a later attempt does', async () => {
    const { system, transport, call } = upstream()
    const seen = call()
    await settled()
    transport.last.fail('ECONNRESET')
    await system.pass(200)
    transport.last.answer(201, { id: 1 })
    await settled()
    expect(seen.result).toEqual({ answered: true, status: 201, body: { id: 1 } })
    expect(transport.sent).toHaveLength(2)
  })

  it('is retried after growing pauses with jitter', async () => {
    for (const [random, pauses] of [
      [0, [50, 100]],
      [0.5, [75, 150]],
      [1, [100, 200]],
    ] as const) {
      const { system, transport, call } = upstream()
      Object.assign(system, { random: () => random })
      call()
      for (const [attempt, pause] of pauses.entries()) {
        await settled()
        transport.last.fail('ECONNRESET')
        await system.pass(pause - 1)
        expect(transport.sent).toHaveLength(attempt + 1)
        await system.pass(1)
        expect(transport.sent).toHaveLength(attempt + 2)
      }
    }
  })

  it('is not retried once the circuit opens, and reports its own failure', async () => {
    const { system, transport, call, openCircuit } = upstream()
    const seen = call()
    await settled()
    openCircuit()
    transport.last.fail('ECONNRESET')
    await system.pass(1000)
    expect(transport.sent).toHaveLength(1)
    expect(seen.result).toMatchObject({ answered: false, reason: 'ECONNRESET' })
  })

  it("rethrows an error that is not the upstream's, and releases its slot", async () => {
    const system = new VirtualSystem()
    const transport = new ScriptedTransport()
    const asked = new UpstreamClient(transport, system)
    const call = () => asked.call(request, { deadline: system.monotonic() + 3000 })
    const [first] = Array.from({ length: 128 }, call)
    await settled()
    transport.sent[0]?.explode(new TypeError('a header that is none'))
    await expect(first).rejects.toThrow('a header that is none')
    void call()
    await settled()
    expect(transport.sent).toHaveLength(129)
  })
})
