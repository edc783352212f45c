import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { importKey, signToken } from '@tandem/chassis/auth/signing-key'
import { newSigningKey, onlyKey } from '../../testing/tokens'
import { VirtualSystem } from '../../testing/virtual-system'

describe('A signing key', () => {
  it('differs from the next one', async () => {
    expect((await newSigningKey()).kid).not.toBe((await newSigningKey()).kid)
  })

  it('has its thumbprint as its kid, and reveals no private part', async () => {
    const { kid, publicJwk } = await newSigningKey()
    expect(kid).toBe(await calculateJwkThumbprint(publicJwk))
    expect(publicJwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid, alg: 'EdDSA', use: 'sig' })
  })

  it('finds itself among the keys of its service, and no other', async () => {
    const key = await newSigningKey()
    const keys = ownKeys(onlyKey(key))
    expect(await keys.find(key.kid)).toBeDefined()
    expect(await keys.find('another')).toBeUndefined()
  })

  it('cannot be a shared secret', async () => {
    await expect(importKey({ kty: 'oct', k: 'c2VjcmV0' })).rejects.toThrow('not an Ed25519 key')
  })
})

describe('A token', () => {
  it('names its issuer, audience and expiry, and is verified with the public key', async () => {
    const key = await newSigningKey()
    const system = new VirtualSystem()
    const now = system.now() / 1000
    const token = await signToken(key, system, {
      issuer: 'issuer',
      subject: 'ada',
      audience: ['here', 'there'],
      scope: 'user',
      lifetimeSeconds: 900,
    })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid })
    expect(decodeJwt(token)).toEqual({
      iss: 'issuer',
      sub: 'ada',
      aud: ['here', 'there'],
      scope: 'user',
      iat: now,
      exp: now + 900,
      jti: expect.any(String),
    })
    await jwtVerify(token, await importJWK(key.publicJwk), { currentDate: new Date(system.now()) })
  })
})
