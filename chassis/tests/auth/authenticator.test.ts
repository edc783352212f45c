import { Authenticator } from '@tandem/chassis/auth/authenticator'
import { type KeySet } from '@tandem/chassis/auth/key-set'
import { Failure } from '@tandem/chassis/failure'
import { usedMemory } from '../../testing/used-memory'
import { userToken } from '../../testing/tokens'
import { minutes, trust, type Trust, signed, unsigned, ofService, outcome } from '../../testing/trusted-issuers'

describe('A good token', () => {
  it('names its subject and its scope', async () => {
    const { authenticator, issuerKey, system } = await trust()
    const token = await userToken(issuerKey, system, { subject: 'ada', scope: 'admin' })
    expect(await outcome(authenticator, `Bearer ${token}`)).toEqual({ id: 'ada', scopes: ['admin'] })
  })

  it("of another service is verified with that service's keys", async () => {
    const { authenticator, serviceKey, system } = await trust()
    const claims = { issuer: 'service', subject: 'service', audience: ['here'], scope: 'service', lifetimeSeconds: 300 }
    const token = await userToken(serviceKey, system, claims)
    expect(await outcome(authenticator, `Bearer ${token}`)).toEqual({ id: 'service', scopes: ['service'] })
  })

  it.each(['bearer', 'BEARER', 'Bearer  '])('is accepted after "%s"', async (scheme) => {
    const { authenticator, issuerKey, system } = await trust()
    const token = await userToken(issuerKey, system)
    expect(await outcome(authenticator, `${scheme} ${token}`)).toMatchObject({ id: 'ada' })
  })

  it('is accepted until 60 s after it expired, and refused later', async () => {
    const { authenticator, issuerKey, system } = await trust()
    const token = `Bearer ${await userToken(issuerKey, system, { lifetimeSeconds: 900 })}`
    await system.pass(900_000 + 59_000)
    expect(await outcome(authenticator, token)).toMatchObject({ id: 'ada' })
    await system.pass(1_000)
    expect(await outcome(authenticator, token)).toBe('unauthenticated')
  })

  it("is accepted if its issuer's clock is 59 s ahead, and refused if it is further", async () => {
    const it = await trust()
    const now = Math.floor(it.system.now() / 1000)
    const ahead = (seconds: number) => signed(it, { claims: { nbf: now + seconds } })
    expect(await outcome(it.authenticator, `Bearer ${await ahead(59)}`)).toMatchObject({ id: 'ada' })
    expect(await outcome(it.authenticator, `Bearer ${await ahead(61)}`)).toBe('unauthenticated')
  })
})

describe('The life of a token', () => {
  const tenYears = 10 * 365 * 86_400
  const ofUser = (it: Trust, { iat, exp }: { iat: number; exp: number }) => {
    const now = Math.floor(it.system.now() / 1000)
    return signed(it, { claims: { iat: now + iat, exp: now + exp } })
  }
  describe.each([
    ['a user', 900, ofUser],
    ['a service', 300, ofService],
  ] as const)('of %s', (_whose, seconds, sign) => {
    const outcomeOf = async (iat: number, exp: number) => {
      const it = await trust()
      const found = await outcome(it.authenticator, `Bearer ${await sign(it, { iat, exp })}`)
      return found === 'unauthenticated' ? 'refused' : 'accepted'
    }

    it(`is ${seconds} seconds at most`, async () => {
      expect(await outcomeOf(0, seconds)).toBe('accepted')
      expect(await outcomeOf(0, seconds + 1)).toBe('refused')
      expect(await outcomeOf(0, tenYears)).toBe('refused')
      expect(await outcomeOf(-seconds, 1)).toBe('refused')
      expect(await outcomeOf(1 - seconds, 1)).toBe('accepted')
    })

    it('does not end before it begins', async () => {
      expect(await outcomeOf(20, 10)).toBe('refused')
      expect(await outcomeOf(10, 10)).toBe('accepted')
    })

    it('begins within the 60 s that clocks may differ by, and not in ten years', async () => {
      expect(await outcomeOf(60, 60 + seconds)).toBe('accepted')
      expect(await outcomeOf(61, 61 + seconds)).toBe('refused')
      expect(await outcomeOf(tenYears, tenYears + seconds)).toBe('refused')
    })
  })
})

describe('A verified token', () => {
  it('is not verified again', async () => {
    const { authenticator, issuerKey, system, lookups } = await trust()
    const token = `Bearer ${await userToken(issuerKey, system)}`
    const first = await authenticator.authenticate(token)
    const second = await authenticator.authenticate(token)
    expect(second).toBe(first)
    expect(lookups()).toBe(1)
  })

  it('is forgotten when it expires', async () => {
    const { authenticator, issuerKey, system } = await trust()
    const token = `Bearer ${await userToken(issuerKey, system)}`
    await outcome(authenticator, token)
    await system.pass(15 * minutes + 59_000)
    expect(await outcome(authenticator, token)).toMatchObject({ id: 'ada' })
    await system.pass(1_000)
    expect(await outcome(authenticator, token)).toBe('unauthenticated')
  })

  it('is refused once its issuer has withdrawn the key', async () => {
    const { authenticator, issuerKey, system, withdraw } = await trust()
    const token = `Bearer ${await userToken(issuerKey, system)}`
    expect(await outcome(authenticator, token)).toMatchObject({ id: 'ada' })
    withdraw()
    expect(await outcome(authenticator, token)).toBe('unauthenticated')
  })

  it('is cached without the header that it came in, which may be much longer', async () => {
    const { authenticator, issuerKey, system } = await trust()
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => userToken(issuerKey, system)))
    const before = usedMemory()
    for (const token of tokens)
      await authenticator.authenticate(Buffer.from(`Bearer${' '.repeat(12_000)}${token}`).toString())
    expect(usedMemory() - before).toBeLessThan(6_000_000) // 12 MB with the headers
  })

  it('is not cached if it was refused', async () => {
    const { authenticator, issuerKey, system, lookups } = await trust()
    const token = `Bearer ${await userToken(issuerKey, system, { audience: ['there'] })}`
    expect(await outcome(authenticator, token)).toBe('unauthenticated')
    expect(await outcome(authenticator, token)).toBe('unauthenticated')
    expect(lookups()).toBe(2)
  })

  it('is evicted by newer ones beyond ten thousand', async () => {
    const { authenticator, issuerKey, system, lookups } = await trust()
    const token = async () => `Bearer ${await userToken(issuerKey, system)}`
    const [oldest, second] = [await token(), await token()]
    await authenticator.authenticate(oldest)
    await authenticator.authenticate(second)
    const header = { alg: 'EdDSA', typ: 'at+jwt', kid: issuerKey.kid }
    const now = system.now() / 1000
    const claims = { iss: 'issuer', aud: 'here', scope: 'user', iat: now, exp: now + 900 }
    const another = async (n: number) => {
      const text = unsigned(header, { ...claims, sub: `user ${n}` }).replace(/\.$/, '')
      const signature = await crypto.subtle.sign('Ed25519', issuerKey.privateKey, Buffer.from(text)) // quicker than SignJWT
      await authenticator.authenticate(`Bearer ${text}.${Buffer.from(signature).toString('base64url')}`)
    }
    // 9,999 more, at once as far as there are threads
    for (let n = 2; n < 10_001; n += 101) await Promise.all(Array.from({ length: 101 }, (_, i) => another(n + i)))
    const before = lookups()
    await authenticator.authenticate(second)
    expect(lookups()).toBe(before)
    await authenticator.authenticate(oldest)
    expect(lookups()).toBe(before + 1)
  }, 20_000)
})

describe("An error that is not the token's", () => {
  it('is rethrown unchanged', async () => {
    const { system, issuerKey } = await trust()
    const keys: KeySet = { has: () => false, find: () => Promise.reject(new Failure('unavailable')) }
    const issuers = new Map([['issuer', { keys, scopes: ['user'], maxTokenSeconds: 900 }]])
    const authenticator = new Authenticator({ audience: 'here', issuers, system })
    expect(await outcome(authenticator, `Bearer ${await userToken(issuerKey, system)}`)).toBe('unavailable')
  })
})
