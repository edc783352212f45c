import { connect } from 'node:net'
import request from 'supertest'
import { faultyService, sent } from '../../testing/faulty-service'
import { eventually } from '../../testing/temporary'
import { settled } from '../../testing/virtual-system'

describe('A frozen service', () => {
  it('keeps requests waiting until it is thawed, without a slot, and works on them then', async () => {
    const { url, post, arrived, held, switchOn, switchOff, inFlight } = await faultyService({ maxInFlight: 2 })
    await switchOn({ frozen: true })
    const waiting = [sent(post('a')), sent(request(url).get('/quick')), sent(request(url).get('/nowhere'))]
    await eventually(() => arrived.length === 4)
    await settled()
    expect(await inFlight()).toBe(0)
    expect([waiting[0], waiting[1], held.begun]).toEqual([{}, {}, []])
    await switchOff()
    await eventually(() => held.begun.length === 1)
    held.letGo()
    await eventually(() => waiting.every(({ status }) => status !== undefined))
    expect(waiting.map(({ status }) => status)).toEqual([200, 200, 404])
  })

  it('works on what came after 60 s if nobody thaws it', async () => {
    const { url, system, arrived, switchOn } = await faultyService()
    await switchOn({ frozen: true })
    await system.pass(59_999)
    const held = sent(request(url).get('/quick'))
    await eventually(() => arrived.includes('/quick'))
    await settled()
    expect(held).toEqual({})
    await system.pass(1)
    await eventually(() => held.status === 200)
  })

  it.each([
    ['off', {}],
    ['to lost responses', { lostResponseRate: 1 }],
  ])('works on a request whose caller has gone, and frees its slot, if it is switched %s', async (_to, next) => {
    const { port, arrived, held, switchOn, inFlight } = await faultyService({ maxInFlight: 1 })
    await switchOn({ frozen: true })
    const body = '{"name":"a"}'
    const head = `POST /held HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
    const caller = connect(port, '127.0.0.1', () => caller.write(`${head}\r\n\r\n${body}`))
    await eventually(() => arrived.includes('/held'))
    await settled()
    const gone = new Promise((resolve) => caller.once('close', resolve))
    caller.destroy()
    await gone
    await settled()
    await switchOn(next)
    await eventually(() => held.begun.length === 1)
    expect(held.begun).toEqual(['a'])
    held.letGo()
    await eventually(async () => (await inFlight()) === 0)
  })

  it('refuses a body that is too large, once it is thawed', async () => {
    const { url, arrived, switchOn, switchOff } = await faultyService()
    await switchOn({ frozen: true })
    const large = sent(
      request(url)
        .post('/held')
        .send({ name: 'x'.repeat(17_000) }),
    )
    await eventually(() => arrived.includes('/held'))
    await settled()
    expect(large).toEqual({})
    await switchOff()
    await eventually(() => large.status === 413)
  })
})
