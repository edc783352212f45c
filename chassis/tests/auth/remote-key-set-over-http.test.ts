import { httpTransport } from '@tandem/chassis/upstream/transport'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { realSystem } from '@tandem/chassis/system'
import { temporaryServer } from '../../testing/server'
import { afterThisTest, eventually } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { newSigningKey } from '../../testing/tokens'
import { path, keySet, look, keptSets } from '../../testing/remote-keys'

describe('The keys of another service, over HTTP', () => {
  /** An issuer that can be taken down. */
  async function issuer() {
    const key = await newSigningKey()
    const asked: string[] = []
    const { url, server } = await temporaryServer((req, res) => {
      asked.push(`${req.method} ${req.url}`)
      res.end(JSON.stringify({ keys: [key.publicJwk] }))
    })
    const transport = httpTransport({ baseUrl: url }, realSystem)
    afterThisTest(() => transport.close())
    const goDown = () => {
      server.close()
      server.closeAllConnections()
    }
    return { key, asked, transport, goDown }
  }

  it('are fetched at start and stored in the database', async () => {
    const { key, asked, transport } = await issuer()
    const database = await temporaryDatabase(chassisMigrations)
    const keys = keySet(transport, database, realSystem)
    await keys.start()
    await eventually(async () => (await keptSets(database)).length > 0)
    expect(await look(keys, key.kid)).toBe('found')
    expect(asked).toEqual([`GET ${path}`])
    expect(await keptSets(database)).toEqual([{ issuer: 'issuer', jwks: JSON.stringify({ keys: [key.publicJwk] }) }])
  })

  it('are read from the database if the issuer is down after a restart', async () => {
    const { key, transport, goDown } = await issuer()
    const database = await temporaryDatabase(chassisMigrations)
    const before = keySet(transport, database, realSystem)
    await before.start()
    await eventually(async () => (await keptSets(database)).length > 0)
    before.stop()
    goDown()
    const after = keySet(transport, database, realSystem)
    await after.start()
    expect(await look(after, key.kid)).toBe('found')
    expect(await look(after, 'another')).toBe('unavailable')
  })

  it('are unavailable if the issuer was never reached', async () => {
    const { key, transport, goDown } = await issuer()
    goDown()
    const keys = keySet(transport, await temporaryDatabase(chassisMigrations), realSystem)
    await keys.start()
    expect(await look(keys, key.kid)).toBe('unavailable')
  })

  it('time out after 300 ms if the issuer does not respond', async () => {
    const { url } = await temporaryServer(() => undefined)
    const transport = httpTransport({ baseUrl: url }, realSystem)
    afterThisTest(() => transport.close())
    const keys = keySet(transport, await temporaryDatabase(chassisMigrations), realSystem)
    const began = performance.now()
    expect(await look(keys, 'any')).toBe('unavailable')
    expect(performance.now() - began).toBeGreaterThan(250)
    expect(performance.now() - began).toBeLessThan(1500)
  })
})
