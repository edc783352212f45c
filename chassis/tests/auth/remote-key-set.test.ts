import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { temporaryDatabase } from '../../testing/temporary-database'
import { readableLog } from '../../testing/test-app'
import { newSigningKey } from '../../testing/tokens'
import { settled } from '../../testing/virtual-system'
import { path, scripted, fetched, look, keptSets } from '../../testing/remote-keys'

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
})
