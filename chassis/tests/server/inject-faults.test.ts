import request from 'supertest'
import { faultyService, sent } from '../../testing/faulty-service'
import { eventually } from '../../testing/temporary'
import { expectProblem } from '../../testing/thing-routes'

const never = ['/health', '/health/live', '/metrics', '/docs', '/openapi.json', '/', '/problems/internal'] as const

describe('A fault that is switched on', () => {
  it.each([{ errorRate: 1 }, { lostResponseRate: 1 }, { frozen: true }, { latencyMs: 60_000 }])(
    '%j hits no route by which the service is operated',
    async (fault) => {
      const { url, admin, switchOn, switchOff } = await faultyService()
      await switchOn(fault)
      for (const path of [...never, '/.well-known/jwks.json']) await request(url).get(path).expect(200)
      for (const path of ['/status', '/faults']) await request(url).get(path).set('Authorization', admin).expect(200)
      await switchOff()
      await request(url).get('/quick').expect(200)
    },
  )

  it('errorRate: returns 503 with Retry-After, and does not work on the request', async () => {
    const { post, held, switchOn } = await faultyService()
    await switchOn({ errorRate: 1 })
    const answer = await post('a')
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
    expect(held.begun).toEqual([])
  })

  it('errorRate: is a share, decided by chance', async () => {
    const { url, system, switchOn } = await faultyService()
    await switchOn({ errorRate: 0.3 })
    const chances = [0.29, 0.3, 0.9]
    system.random = () => chances.shift() ?? 1
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await request(url).get('/quick')).status)
    expect(statuses).toEqual([503, 200, 200])
  })

  it('lostResponseRate: works on the request, and cuts the connection instead of the response', async () => {
    const { post, held, switchOn, inFlight, lines } = await faultyService()
    await switchOn({ lostResponseRate: 1 })
    const lost = post('a').then(
      () => 'a response',
      (error: unknown) => (error as NodeJS.ErrnoException).code, // as a connection reports it
    )
    await eventually(() => held.begun.length === 1)
    held.letGo()
    expect(await lost).toBe('ECONNRESET')
    expect(await inFlight()).toBe(0)
    await eventually(() => lines.some(({ route }) => route === '/held'))
    expect(lines.find(({ route }) => route === '/held')).toMatchObject({ msg: 'request', status: 'aborted' })
  })

  it('latencyMs: works on the request after so long, and counts it as in flight meanwhile', async () => {
    const { post, system, held, switchOn, inFlight } = await faultyService()
    await switchOn({ latencyMs: 300 })
    const slow = sent(post('a'))
    await eventually(() => system.timers === 2) // of the request, and of the end
    expect(await inFlight()).toBe(1)
    await system.pass(299)
    expect(held.begun).toEqual([])
    await system.pass(1)
    await eventually(() => held.begun.length === 1)
    held.letGo()
    await eventually(() => slow.status === 200)
  })

  it('is ignored once the service stops', async () => {
    let stopping = false
    const { url, switchOn } = await faultyService({ isStopping: () => stopping })
    await switchOn({ frozen: true, errorRate: 1 })
    stopping = true
    await request(url).get('/quick').expect(200)
  })

  it('is named in one warning, however many requests it hits within 10 s', async () => {
    const { url, lines, switchOn } = await faultyService()
    await switchOn({ errorRate: 1 })
    for (let n = 0; n < 3; n++) await request(url).get('/quick').expect(503)
    expect(lines.filter(({ msg }) => msg.startsWith('faults ')).map(({ msg, level }) => [msg, level])).toEqual([
      ['faults switched on', 40],
      ['faults are on', 40],
    ])
  })
})
