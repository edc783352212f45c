import { httpTransport } from '@tandem/chassis/upstream/transport'
import { realSystem } from '@tandem/chassis/system'
import { temporaryServer } from '../../testing/server'
import { afterThisTest, eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { TestFeed } from '../../testing/test-feed'
import { testFollower } from '../../testing/test-follower'

/** A follower of things that are behind HTTP. */
async function followingOverHttp() {
  const feed = await TestFeed.open(realSystem)
  const { app, token } = await testApp([feed.route])
  const { url, server } = await temporaryServer(app)
  const transport = httpTransport({ baseUrl: url }, realSystem)
  afterThisTest(() => transport.close())
  const bearer = (await token('admin')).replace('Bearer ', '')
  return { feed, server, transport, ...(await testFollower({ system: realSystem, transport, token: bearer })) }
}

describe('A follower over HTTP', () => {
  it('applies events while it waits, recovers from a cut connection, and stops at once', async () => {
    const { feed, server, follower, stored, transport, messages } = await followingOverHttp()
    const effects = async () => (await stored()).effects.join('')
    await feed.happen('a')
    follower.start()
    await eventually(async () => (await effects()) === 'a')
    await eventually(() => follower.lag.events === 0)
    await feed.happen('b')
    await eventually(async () => (await effects()) === 'ab')

    await eventually(() => feed.waiting === 1) // else no request is cut
    server.closeAllConnections()
    await eventually(() => messages().includes('feed cannot be read'))
    await feed.happen('c')
    await eventually(async () => (await effects()) === 'abc')
    await eventually(() => messages().length > 1) // it says so after the commit
    expect(messages()).toEqual(['feed cannot be read', 'feed is readable again'])

    await eventually(() => feed.waiting === 1)
    const begun = performance.now()
    transport.close()
    await follower.stop()
    expect(performance.now() - begun).toBeLessThan(2500) // the poll would have taken five seconds
    expect(messages()).toHaveLength(2)
    await eventually(() => feed.waiting === 0)
  })
})
