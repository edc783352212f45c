import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { importKey, loadSigningKey, signToken } from '@tandem/chassis/auth/signing-key'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { realSystem } from '@tandem/chassis/system'
import { temporaryDatabase, temporaryFolder } from '../../testing/temporary'
import { newSigningKey } from '../../testing/tokens'
import { VirtualSystem } from '../../testing/virtual-system'

describe('The signing key', () => {
  it('is created at the first start and reused afterwards', async () => {
    const folder = temporaryFolder()
    const before = await temporaryDatabase(chassisMigrations, { folder })
    const made = await loadSigningKey(before, realSystem)
    await before.close()
    const after = await temporaryDatabase(chassisMigrations, { folder })
    const kept = await loadSigningKey(after, realSystem)
    expect(kept.publicJwk).toEqual(made.publicJwk)
    expect(await after.read.all('SELECT kid FROM signing_keys')).toEqual([{ kid: made.kid }])
  })

  it('is the same for two concurrent calls', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    const [one, other] = await Promise.all([loadSigningKey(database, realSystem), loadSigningKey(database, realSystem)])
    expect(one.kid).toBe(other.kid)
  })

  it('differs between databases', async () => {
    expect((await newSigningKey()).kid).not.toBe((await newSigningKey()).kid)
  })

  it('has its thumbprint as its kid, and reveals no private part', async () => {
    const { kid, publicJwk } = await newSigningKey()
    expect(kid).toBe(await calculateJwkThumbprint(publicJwk))
    expect(publicJwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid, alg: 'EdDSA', use: 'sig' })
  })

  it('finds itself among its own keys, and no other', async () => {
    const key = await newSigningKey()
    const keys = await ownKeys(key)
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
