import { Gauge, Registry } from 'prom-client'
import request from 'supertest'
import { DatabaseUnavailable } from '@tandem/chassis/database/unavailable'
import { metricsText } from '@tandem/chassis/server/metrics-text'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { things } from '../../testing/thing-routes'

/** Metrics with a figure that counts how often they are made, and takes until the test says so. */
function countedMetrics() {
  let now = 0
  let made = 0
  const waiting: ((error?: Error) => void)[] = []
  const registry = new Registry()
  new Gauge({
    name: 'made',
    help: 'for a test',
    registers: [registry],
    async collect() {
      this.set((made += 1))
      await new Promise<void>((resolve, reject) => waiting.push((error) => (error ? reject(error) : resolve())))
    },
  })
  const text = metricsText(registry, { monotonic: () => now })
  const finish = async (error?: Error) => {
    await eventually(() => waiting.length > 0)
    waiting.shift()?.(error)
  }
  return { registry, text, finish, made: () => made, pass: (milliseconds: number) => (now += milliseconds) }
}

describe('the text of the metrics', () => {
  it('is made once for all who ask at the same time, however long it takes', async () => {
    const { text, finish, made, pass } = countedMetrics()
    const first = text()
    pass(5_000)
    const second = text()
    await finish()
    expect(await second).toBe(await first)
    expect((await first).toString()).toContain('\nmade 1\n')
    expect(made()).toBe(1)
  })

  it('is kept for a second after it was made, and then made anew', async () => {
    const { text, finish, pass } = countedMetrics()
    const first = text()
    await finish()
    await first
    pass(999)
    expect(await text()).toBe(await first)
    pass(1)
    const later = text()
    await finish()
    expect((await later).toString()).toContain('\nmade 2\n')
  })

  it('leaves out what cannot be read while the database is away, and has the rest', async () => {
    const { registry, text, finish } = countedMetrics()
    new Gauge({ name: 'kept', help: 'for a test', registers: [registry] }).set(7)
    const made = text()
    await finish(new DatabaseUnavailable('gone'))
    expect((await made).toString()).toMatch(/\nkept 7\n/)
    expect((await made).toString()).not.toContain('made')
  })

  it('leaves out what takes longer than two seconds', async () => {
    const { registry, text } = countedMetrics()
    new Gauge({ name: 'kept', help: 'for a test', registers: [registry] }).set(7)
    expect((await text()).toString()).toMatch(/^# HELP kept .*\n.*\nkept 7\n$/)
  })

  it('is made anew after a failure', async () => {
    const { text, finish, pass } = countedMetrics()
    const failed = text()
    await finish(new Error('no figure'))
    await expect(failed).rejects.toThrow('no figure')
    pass(1_000)
    const later = text()
    await finish()
    expect((await later).toString()).toContain('made 2')
  })
})

test('requests with methods that nobody uses are counted together, so that callers cannot make many series', async () => {
  const { app, lines } = await testApp(things)
  for (const method of ['propfind', 'link', 'purge'] as const) await request(app)[method]('/things').expect(405)
  await request(app).options('/things').expect(405)
  await eventually(() => lines.length === 4)
  const { text } = await request(app).get('/metrics')
  expect(text).toContain('http_request_duration_seconds_count{method="other",route="none",status="405"} 3\n')
  expect(text).toContain('http_request_duration_seconds_count{method="OPTIONS",route="none",status="405"} 1\n')
  expect(text).not.toMatch(/PROPFIND|LINK|PURGE/)
})
