import { importKeys } from '@tandem/chassis/auth/key-set'
import { newSigningKey } from '../../testing/tokens'
import { scripted, fetched, look, keptSets } from '../../testing/remote-keys'

describe('The keys of another service', () => {
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
