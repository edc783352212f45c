import { runChild } from '../../testing/child'

/** A process that runs the service with this body; `stop` and `started` are texts of code. */
function run({
  start = "console.log('started')",
  stop = "console.log('stopped')",
  maxStopMs = 14_000,
  delayMs = 0,
} = {}) {
  return runChild(`
    const { runProcess } = require('./src/service/process')
    const { OperatorError } = require('./src/failure')
    const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
    const alive = setInterval(() => {}, 1000)
    void runProcess('tea', async () => {
      ${start}
      return { delayMs: ${delayMs}, stop: async () => { ${stop} } }
    }, { maxStopMs: ${maxStopMs} })
    console.log('running')
  `)
}

describe('A process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops at %s, finishes what is under way and exits with 0',
    async (signal) => {
      const child = run({ stop: "console.log('stopping'); await pause(50); console.log('stopped')" })
      await child.says('started')
      child.signal(signal)
      expect(await child.code).toBe(0)
      expect(child.output()).toContain('stopped')
      expect(child.errors()).toBe('')
    },
  )

  it('exits at once with 1 at a second signal, but not at the echo of the first', async () => {
    const child = run({ stop: "console.log('stopping'); await pause(150); console.log('later'); await pause(60_000)" })
    await child.says('started')
    child.signal('SIGINT')
    await child.says('stopping')
    child.signal('SIGTERM') // within 100 ms: npm passes on what the terminal has sent already
    await child.says('later')
    child.signal('SIGTERM')
    expect(await child.code).toBe(1)
  })

  it.each([
    ['stop', { stop: 'await pause(60_000)' }],
    ['start', { start: "console.log('started'); await pause(60_000)" }],
  ])('exits with 1 and one line if after a signal its %s takes too long', async (_what, takesLong) => {
    const child = run({ ...takesLong, maxStopMs: 200 })
    await child.says('started')
    child.signal('SIGTERM')
    expect(await child.code).toBe(1)
    expect(child.errors()).toBe('tea: not stopped within 200 ms\n')
  })

  it('may take longer to stop by the delay for which it still serves', async () => {
    const child = run({ stop: "await pause(500); console.log('stopped')", maxStopMs: 200, delayMs: 1_000 })
    await child.says('started')
    child.signal('SIGTERM')
    expect(await child.code).toBe(0)
    expect(child.output()).toContain('stopped')
  })

  it('stops after its start if a signal comes during the start', async () => {
    const child = run({ start: "console.log('starting'); await pause(100); console.log('started')" })
    await child.says('starting')
    child.signal('SIGTERM')
    expect(await child.code).toBe(0)
    expect(child.output()).toMatch(/started\nstopped/)
  })

  it('exits with 1 and one line if it cannot start', async () => {
    const child = run({ start: "throw new OperatorError('no water')" })
    expect(await child.code).toBe(1)
    expect(child.errors()).toBe('tea: no water\n')
  })

  it('exits with 1 and a stack trace if its start fails unexpectedly', async () => {
    const child = run({ start: "throw new TypeError('broken')" })
    expect(await child.code).toBe(1)
    expect(child.errors()).toMatch(/^tea: TypeError: broken\n +at /)
  })

  it('exits with 1 if it fails while it stops', async () => {
    const child = run({ stop: "throw new Error('stuck')" })
    await child.says('started')
    child.signal('SIGTERM')
    expect(await child.code).toBe(1)
    expect(child.errors()).toContain('tea: Error: stuck')
  })
})
