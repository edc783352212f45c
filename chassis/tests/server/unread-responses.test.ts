import { serverLimits } from '@tandem/chassis/server/listen'
import { heldRoutes, largeBytes } from '../../testing/held-routes'
import { get, listen, rawClient } from '../../testing/raw-client'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { readableLog } from '../../testing/test-app'

async function service(limits: Partial<typeof serverLimits> = {}) {
  const { app, lines } = await testApp(heldRoutes().routes, { maxInFlight: 1 })
  const { log, lines: serverLines } = readableLog()
  const server = await listen(app, { limits, log })
  const cuts = () => serverLines.filter(({ msg }) => msg === 'connection cut')
  /** A caller that asks for the large response and reads only its beginning. */
  const slowReader = async () => {
    const client = await rawClient(server.port, { readsOn: false })
    client.send(get('/large'))
    await eventually(() => client.text() !== '')
    return client
  }
  return { server, lines, cuts, slowReader }
}

const whole = (text: string) => text.length - text.indexOf('\r\n\r\n') - 4 === largeBytes

describe('a response that is made and not read', () => {
  it('takes no place in flight', async () => {
    const { server, slowReader } = await service()
    await slowReader()
    expect((await fetch(`${server.url}/quick`)).status).toBe(200)
  })

  it('is cut off after the time that its caller has to read it', async () => {
    const { cuts, lines, slowReader } = await service({ unreadTimeout: 50 })
    const { resume, untilClosed } = await slowReader()
    await eventually(() => cuts().length > 0)
    expect(cuts()).toEqual([expect.objectContaining({ reason: 'unread', client: '127.0.0.1', level: 20 })])
    resume()
    expect(whole(await untilClosed())).toBe(false)
    await eventually(() => lines.length > 0)
    expect(lines).toEqual([expect.objectContaining({ msg: 'request', route: '/large', status: 'aborted' })])
  })

  it('reaches a caller that reads it in time, whose connection then goes on', async () => {
    const { cuts, slowReader } = await service()
    const { resume, text, send, statuses } = await slowReader()
    resume()
    await eventually(() => whole(text()))
    send(get('/quick'))
    await eventually(() => statuses().length === 2)
    expect(cuts()).toEqual([])
  })

  it('is cut off before its time if all that are not read take too much memory, the oldest first', async () => {
    const { cuts, slowReader } = await service({ maxUnreadBytes: 1.5 * largeBytes })
    const [oldest, newest] = [await slowReader(), await slowReader()]
    await eventually(() => cuts().length > 0)
    oldest.resume()
    newest.resume()
    expect(whole(await oldest.untilClosed())).toBe(false)
    await eventually(() => whole(newest.text()))
    expect(cuts()).toHaveLength(1)
  })

  it('reaches its caller also if the service stops meanwhile', async () => {
    const { server, slowReader } = await service()
    const { resume, untilClosed } = await slowReader()
    const stopped = server.stop(10_000)
    await eventually(() =>
      fetch(server.url).then(
        () => false,
        () => true,
      ),
    )
    resume()
    expect(whole(await untilClosed())).toBe(true)
    expect(await stopped).toBe(0)
  })
})

test('a caller has as long to read a response as the contract says', () => {
  expect(serverLimits.unreadTimeout).toBe(30_000)
})
