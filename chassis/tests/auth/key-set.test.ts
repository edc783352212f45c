import { calculateJwkThumbprint } from 'jose'
import { importKeys } from '@tandem/chassis/auth/key-set'
import { newSigningKey } from '../../testing/tokens'

describe('A set of keys', () => {
  it('contains each Ed25519 key under its thumbprint', async () => {
    const [one, other] = await Promise.all([newSigningKey(), newSigningKey()])
    const keys = await importKeys({ keys: [one.publicJwk, other.publicJwk] })
    expect([...keys.keys()]).toEqual([one.kid, other.kid])
  })

  it('skips a key whose kid is not its thumbprint', async () => {
    const [one, other] = await Promise.all([newSigningKey(), newSigningKey()])
    const keys = await importKeys({ keys: [{ ...one.publicJwk, kid: other.kid }, other.publicJwk] })
    expect([...keys.keys()]).toEqual([other.kid])
    const [key] = keys.values()
    expect(await crypto.subtle.exportKey('jwk', key!)).toMatchObject({ x: other.publicJwk.x })
  })

  it('skips keys of other kinds, without a kid, and anything that is no key', async () => {
    const { publicJwk, kid } = await newSigningKey()
    const secret = { kty: 'oct', k: 'c2VjcmV0' }
    const others = [
      { ...secret, kid: await calculateJwkThumbprint(secret) },
      { ...publicJwk, kid: undefined },
      { ...publicJwk, crv: 'X25519' },
      null,
      'key',
    ]
    expect([...(await importKeys({ keys: [...others, publicJwk] })).keys()]).toEqual([kid])
  })

  it.each([null, [], {}, { keys: {} }, 'keys'])('cannot be %j', async (document) => {
    await expect(importKeys(document)).rejects.toThrow()
  })
})
