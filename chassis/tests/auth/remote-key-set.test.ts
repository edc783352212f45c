import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { importKeys } from '@tandem/chassis/auth/key-set'
import { httpTransport, type Transport } from '@tandem/chassis/upstream/transport'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { silentLog, type Log } from '@tandem/chassis/log'
import { realSystem, type System } from '@tandem/chassis/system'
import { ScriptedTransport } from '../../testing/scripted-transport'
import { temporaryServer } from '../../testing/server'
import { afterThisTest, eventually, temporaryDatabase } from '../../testing/temporary'
import { readableLog } from '../../testing/test-app'
import { newSigningKey } from '../../testing/tokens'
import { settled, VirtualSystem } from '../../testing/virtual-system'

const path = '/.well-known/jwks.json'

function keySet(transport: Transport, database: Database, system: System, log = silentLog): RemoteKeySet {
  const keys = new RemoteKeySet({ issuer: 'issuer', path, transport, database, system, log })
  afterThisTest(() => keys.stop())
  return keys
}

async function scripted({ database, log }: { database?: Database; log?: Log } = {}) {
  const system = new VirtualSystem()
  const transport = new ScriptedTransport()
  const kept = database ?? (await temporaryDatabase(chassisMigrations))
  const keys = keySet(transport, kept, system, log)
  await keys.start()
  return { system, transport, keys, database: kept }
}

/** Until a fetch in the background is over: then the next one is due some time. Keys are imported on other threads. */
const fetched = (system: VirtualSystem) => eventually(() => system.timers === 1)

/** `found`, `unknown` or the code of the failure. */
async function look(keys: RemoteKeySet, kid: string): Promise<string> {
  try {
    return (await keys.find(kid)) === undefined ? 'unknown' : 'found'
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
}

const keptSets = (database: Database) => database.read.all('SELECT issuer, jwks FROM trusted_key_sets')

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

describe('The keys of another service', () => {
  it('are requested with a time-out of 300 ms', async () => {
    const { transport } = await scripted()
    expect(transport.last.timeoutMs).toBe(300)
    expect(transport.last.request).toEqual({ method: 'GET', path, headers: {} })
  })

  it('do not delay the start', async () => {
    const { transport } = await scripted()
    expect(transport.sent).toHaveLength(1) // not answered, and yet started
  })

  it('are refreshed every ten minutes, and withdrawn ones are dropped', async () => {
    const [old, young] = await Promise.all([newSigningKey(), newSigningKey()])
    const { system, transport, keys, database } = await scripted()
    transport.last.answer(200, { keys: [old.publicJwk] })
    await fetched(system)
    await system.pass(600_000 - 1)
    expect(transport.sent).toHaveLength(1)
    await system.pass(1)
    expect(transport.sent).toHaveLength(2)
    transport.last.answer(200, { keys: [young.publicJwk] })
    await fetched(system)
    expect(await look(keys, young.kid)).toBe('found')
    expect(transport.sent).toHaveLength(2)
    const lookingForOld = look(keys, old.kid)
    transport.last.answer(200, { keys: [young.publicJwk] })
    expect(await lookingForOld).toBe('unknown')
    expect(await keptSets(database)).toEqual([{ issuer: 'issuer', jwks: JSON.stringify({ keys: [young.publicJwk] }) }])
  })

  it('are fetched again a second after a failure, then after doubling pauses up to a minute', async () => {
    const { system, transport } = await scripted()
    transport.last.fail('ECONNREFUSED')
    await fetched(system)
    await system.pass(999)
    expect(transport.sent).toHaveLength(1)
    await system.pass(1)
    expect(transport.sent).toHaveLength(2)
    transport.last.fail('timeout')
    await fetched(system)
    await system.pass(1_999)
    expect(transport.sent).toHaveLength(2)
    await system.pass(1)
    expect(transport.sent).toHaveLength(3)
    for (let i = 0; i < 10; i++) {
      transport.last.fail('timeout')
      await fetched(system)
      await system.pass(60_000)
    }
    expect(transport.sent).toHaveLength(13)
  })

  it('log failures at info while the issuer starts, and at warn after ten seconds', async () => {
    const { log, lines } = readableLog()
    const { system, transport } = await scripted({ log })
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 0]) {
      transport.last.fail('ECONNREFUSED')
      await fetched(system)
      await system.pass(pauseMs)
    }
    const reason = 'no response: ECONNREFUSED'
    expect(lines.map(({ level, msg, reason }) => ({ level, msg, reason }))).toEqual([
      { level: 30, msg: 'keys not fetched', reason },
      { level: 40, msg: 'keys not fetched', reason },
    ])
  })

  it('log at warn if the issuer has none, or was reached before', async () => {
    const { log, lines } = readableLog()
    const { system, transport } = await scripted({ log })
    const key = await newSigningKey()
    transport.last.answer(500)
    await fetched(system)
    await system.pass(1_000)
    transport.last.answer(200, { keys: [key.publicJwk] })
    await fetched(system)
    await system.pass(600_000)
    transport.last.fail('ECONNREFUSED')
    await fetched(system)
    expect(
      lines.filter(({ msg }) => msg === 'keys not fetched').map(({ level, reason }) => ({ level, reason })),
    ).toEqual([
      { level: 40, reason: 'status 500' },
      { level: 40, reason: 'no response: ECONNREFUSED' },
    ])
  })

  it('are not fetched after a stop', async () => {
    const { system, transport, keys } = await scripted()
    transport.last.fail('ECONNREFUSED')
    await fetched(system)
    keys.stop()
    await system.pass(3_600_000)
    expect(transport.sent).toHaveLength(1)
  })

  it('are not fetched again if the stop comes during a fetch', async () => {
    const { system, transport, keys } = await scripted()
    keys.stop()
    transport.last.fail('ECONNREFUSED')
    await system.pass(3_600_000)
    expect(transport.sent).toHaveLength(1)
  })

  it('are fetched once for concurrent callers', async () => {
    const { transport, keys } = await scripted()
    const key = await newSigningKey()
    const looking = Promise.all([look(keys, key.kid), look(keys, key.kid), look(keys, 'unknown')])
    await settled()
    expect(transport.sent).toHaveLength(1) // that of the start
    transport.last.answer(200, { keys: [key.publicJwk] })
    expect(await looking).toEqual(['found', 'found', 'unknown'])
  })

  it('are fetched for an unknown key id at most once a second', async () => {
    const { system, transport, keys } = await scripted()
    const key = await newSigningKey()
    transport.last.answer(200, { keys: [key.publicJwk] })
    await fetched(system)
    const first = look(keys, 'unknown')
    expect(transport.sent).toHaveLength(2)
    transport.last.answer(200, { keys: [key.publicJwk] })
    expect(await first).toBe('unknown')
    await system.pass(999)
    expect(await look(keys, 'unknown')).toBe('unknown')
    expect(await look(keys, 'another')).toBe('unknown')
    expect(transport.sent).toHaveLength(2)
    await system.pass(1)
    const later = look(keys, 'unknown')
    expect(transport.sent).toHaveLength(3)
    transport.last.fail('timeout')
    expect(await later).toBe('unavailable')
    expect(await look(keys, 'unknown')).toBe('unavailable')
    expect(transport.sent).toHaveLength(3)
  })

  it('include a new key at once, without waiting for ten minutes', async () => {
    const { system, transport, keys } = await scripted()
    const [old, young] = await Promise.all([newSigningKey(), newSigningKey()])
    transport.last.answer(200, { keys: [old.publicJwk] })
    await fetched(system)
    const looking = look(keys, young.kid)
    transport.last.answer(200, { keys: [old.publicJwk, young.publicJwk] })
    expect(await looking).toBe('found')
  })

  it('are stored again after the database failed to store them', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    let full = true
    const write: Database['write'] = (unit) => (full ? Promise.reject(new Error('full')) : database.write(unit))
    const { system, transport, keys } = await scripted({ database: { ...database, write } })
    const key = await newSigningKey()
    transport.last.answer(200, { keys: [key.publicJwk] })
    await fetched(system)
    expect(await look(keys, key.kid)).toBe('found')
    expect(await keptSets(database)).toEqual([])
    full = false
    await system.pass(1_000)
    transport.last.answer(200, { keys: [key.publicJwk] })
    await fetched(system)
    expect(await keptSets(database)).toHaveLength(1)
  })

  it('are stored once while they stay the same', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    let writes = 0
    const write: Database['write'] = (unit) => {
      writes += 1
      return database.write(unit)
    }
    const { system, transport } = await scripted({ database: { ...database, write } })
    const key = await newSigningKey()
    transport.last.answer(200, { keys: [key.publicJwk] })
    await fetched(system)
    await system.pass(600_000)
    transport.last.answer(200, { keys: [key.publicJwk] })
    await fetched(system)
    expect(writes).toBe(1)
  })

  describe('are withdrawn, also for the next life, when the issuer publishes', () => {
    const sets: Record<string, unknown[]> = {
      'no key any more': [],
      'nothing but what is no key': [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'AA' }],
      'nothing but a key of another kind': [{ kty: 'RSA', n: 'AA', e: 'AQAB', kid: 'AA' }],
    }
    it.each(Object.entries(sets))('%s', async (_what, published) => {
      const { system, transport, keys, database } = await scripted()
      const key = await newSigningKey()
      transport.last.answer(200, { keys: [key.publicJwk] })
      await fetched(system)
      expect(keys.has(key.kid)).toBe(true)
      await system.pass(600_000)
      transport.last.answer(200, { keys: published })
      await fetched(system)
      expect(keys.has(key.kid)).toBe(false)
      expect(await keptSets(database)).toEqual([{ issuer: 'issuer', jwks: JSON.stringify({ keys: published }) }])
    })
  })

  describe('stay the last good ones when the answer', () => {
    const bad: Record<string, [number, unknown]> = {
      'is a failure': [500, { keys: [] }],
      'is a redirect': [302, { keys: [] }],
      'does not parse': [200, '<html>'],
      'is no set of keys': [200, { key: 'none' }],
    }
    it.each(Object.entries(bad))('%s', async (_what, [status, body]) => {
      const { system, transport, keys, database } = await scripted()
      const key = await newSigningKey()
      const good = { keys: [key.publicJwk] }
      transport.last.answer(200, good)
      await fetched(system)
      await system.pass(600_000)
      transport.last.answer(status, body)
      await fetched(system)
      expect(await look(keys, key.kid)).toBe('found')
      expect(await keptSets(database)).toEqual([{ issuer: 'issuer', jwks: JSON.stringify(good) }])
      await system.pass(1_000) // and that is a failure
      expect(transport.sent).toHaveLength(3)
    })

    it('is a failure that holds other good keys', async () => {
      const { system, transport, keys } = await scripted()
      const [key, other] = await Promise.all([newSigningKey(), newSigningKey()])
      transport.last.answer(200, { keys: [key.publicJwk] })
      await fetched(system)
      await system.pass(600_000)
      transport.last.answer(404, { keys: [other.publicJwk] })
      await fetched(system)
      expect(await look(keys, key.kid)).toBe('found')
    })
  })

  it("never include a key under another key's thumbprint", async () => {
    const { system, transport, keys } = await scripted()
    const [key, other] = await Promise.all([newSigningKey(), newSigningKey()])
    const disguised = { ...other.publicJwk, kid: 'disguised' }
    transport.last.answer(200, { keys: [key.publicJwk, disguised] })
    await fetched(system)
    expect(await look(keys, key.kid)).toBe('found')
    const looking = look(keys, 'disguised')
    transport.last.answer(200, { keys: [key.publicJwk, disguised] })
    expect(await looking).toBe('unknown')
    expect((await importKeys({ keys: [disguised] })).size).toBe(0)
  })
})
