import { createHmac } from 'node:crypto'
import { SignJWT, type CryptoKey, type JWTHeaderParameters } from 'jose'
import { Authenticator, bearerToken } from '@tandem/chassis/auth/authenticator'
import { ownKeys, type KeySet } from '@tandem/chassis/auth/key-set'
import { Failure } from '@tandem/chassis/failure'
import { usedMemory } from '../../testing/used-memory'
import { newSigningKey, userToken } from '../../testing/tokens'
import { VirtualSystem } from '../../testing/virtual-system'

const minutes = 60_000

/** An issuer of users and a service beside it, whose keys are counted as they are looked up. */
async function trust({ anonymous = false } = {}) {
  const system = new VirtualSystem()
  const [issuerKey, serviceKey] = await Promise.all([newSigningKey(), newSigningKey()])
  let lookups = 0
  let isWithdrawn = false
  const issuerKeys = await ownKeys(issuerKey)
  const counted: KeySet = {
    has: (kid) => !isWithdrawn && issuerKeys.has(kid),
    find: async (kid) => {
      lookups += 1
      return isWithdrawn ? undefined : issuerKeys.find(kid)
    },
  }
  const authenticator = new Authenticator({
    audience: 'here',
    issuers: new Map([
      ['issuer', { keys: counted, scopes: ['user', 'admin'], maxTokenSeconds: 900 }],
      ['service', { keys: await ownKeys(serviceKey), scopes: ['service'], maxTokenSeconds: 300, subject: 'service' }],
    ]),
    anonymous: anonymous ? { id: 'anybody', scopes: ['everything'] } : undefined,
    system,
  })
  const withdraw = () => {
    isWithdrawn = true
  }
  return { system, authenticator, issuerKey, serviceKey, lookups: () => lookups, withdraw }
}

type Trust = Awaited<ReturnType<typeof trust>>

/** A token as the issuer would sign it, but for what is given; undefined leaves a part out. */
function signed(
  { system, issuerKey }: Pick<Trust, 'system' | 'issuerKey'>,
  { claims = {}, header = {}, key }: { claims?: object; header?: object; key?: CryptoKey } = {},
): Promise<string> {
  const now = Math.floor(system.now() / 1000)
  const payload = { iss: 'issuer', sub: 'ada', aud: ['here'], scope: 'user', iat: now, exp: now + 900, ...claims }
  const parts = { alg: 'EdDSA', typ: 'at+jwt', kid: issuerKey.kid, ...header } as JWTHeaderParameters
  return new SignJWT(payload).setProtectedHeader(parts).sign(key ?? issuerKey.privateKey)
}

function unsigned(header: object, payload: object, signature = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}

/** As the service would sign it, for so many seconds from now on; it may use no other scope and subject. */
function ofService(it: Trust, { iat = 0, exp = 300, scope = 'service' }): Promise<string> {
  const now = Math.floor(it.system.now() / 1000)
  return signed(it, {
    claims: { iss: 'service', sub: 'service', scope, iat: now + iat, exp: now + exp },
    header: { kid: it.serviceKey.kid },
    key: it.serviceKey.privateKey,
  })
}

async function outcome(authenticator: Authenticator, authorization: string | undefined): Promise<unknown> {
  try {
    return await authenticator.authenticate(authorization)
  } catch (error) {
    return error instanceof Failure ? error.code : error
  }
}

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

describe('A token that is refused', () => {
  const withClaims = (claims: object) => (it: Trust) => signed(it, { claims })
  const withHeader = (header: object) => (it: Trust) => signed(it, { header })
  const good = ({ system, issuerKey }: Trust) => ({
    header: { alg: 'EdDSA', typ: 'at+jwt', kid: issuerKey.kid },
    payload: {
      iss: 'issuer',
      sub: 'ada',
      aud: 'here',
      scope: 'user',
      iat: Math.floor(system.now() / 1000),
      exp: Math.floor(system.now() / 1000) + 900,
    },
  })
  const secondsFromNow = (seconds: number) => (it: Trust) =>
    signed(it, {
      claims: { iat: Math.floor(it.system.now() / 1000) - 500, exp: Math.floor(it.system.now() / 1000) + seconds },
    })

  const broken: Record<string, (it: Trust) => string | Promise<string>> = {
    'no algorithm': (it) => unsigned({ ...good(it).header, alg: 'none' }, good(it).payload),
    'HS256, with the public key as the secret': (it) => {
      const token = unsigned({ ...good(it).header, alg: 'HS256' }, good(it).payload).replace(/\.$/, '')
      const secret = Buffer.from(it.issuerKey.publicJwk.x!, 'base64url')
      return `${token}.${createHmac('sha256', secret).update(token).digest('base64url')}`
    },
    'the same signature under another name of its algorithm': withHeader({ alg: 'Ed25519' }),
    'no exp': withClaims({ exp: undefined }),
    'no iat': withClaims({ iat: undefined }),
    'an iat that is a text': (it) => signed(it, { claims: { iat: String(Math.floor(it.system.now() / 1000)) } }),
    'an exp that is a text': (it) => {
      const { header, payload } = good(it)
      return unsigned(header, { ...payload, exp: String(payload.exp) }, 'AAAA')
    },
    'an end 61 s ago': secondsFromNow(-61),
    'no audience': withClaims({ aud: undefined }),
    'another audience': withClaims({ aud: ['there'] }),
    'no issuer': withClaims({ iss: undefined }),
    'an unknown issuer': withClaims({ iss: 'nobody' }),
    'the name of something that every object has as its issuer': withClaims({ iss: 'constructor' }),
    'the name of another issuer': withClaims({ iss: 'service', sub: 'service', scope: 'service' }),
    'no subject': withClaims({ sub: undefined }),
    'an empty subject': withClaims({ sub: '' }),
    'no scope': withClaims({ scope: undefined }),
    'two scopes': withClaims({ scope: 'user admin' }),
    'a scope that its issuer may not give': withClaims({ scope: 'service' }),
    'no type': withHeader({ typ: undefined }),
    'the type of another kind of token': withHeader({ typ: 'JWT' }),
    'no kid': withHeader({ kid: undefined }),
    'a kid that is no text': (it) => unsigned({ ...good(it).header, kid: 7 }, good(it).payload, 'AAAA'),
    'an unknown kid': withHeader({ kid: 'unknown' }),
    'a critical header that nobody knows': (it) =>
      unsigned({ ...good(it).header, crit: ['b'], b: 1 }, good(it).payload, 'AAAA'),
    'the kid of a good key and the signature of another': (it) => signed(it, { key: it.serviceKey.privateKey }),
    'the key of another service under the name of the issuer': (it) =>
      signed(it, { header: { kid: it.serviceKey.kid }, key: it.serviceKey.privateKey }),
    'the scope admin from a service': (it) => ofService(it, { scope: 'admin' }),
    'a second scope from a service': (it) => ofService(it, { scope: 'service admin' }),
    'no scope from a service': (it) => ofService(it, { scope: '' }),
    'the subject of somebody else from a service': (it) =>
      signed(it, {
        claims: { iss: 'service', sub: 'ada', scope: 'service' },
        header: { kid: it.serviceKey.kid },
        key: it.serviceKey.privateKey,
      }),
    'no signature': async (it) => (await signed(it)).replace(/[^.]+$/, ''),
    'claims that were changed after signing': async (it) => {
      const [header, payload, signature] = (await signed(it)).split('.')
      const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString())
      return `${header}.${Buffer.from(JSON.stringify({ ...claims, scope: 'admin' })).toString('base64url')}.${signature}`
    },
    'no dots': () => 'garbage',
    'too many dots': () => 'a.b.c.d.e',
    'parts that are no JSON': () => 'Z2FyYmFnZQ.Z2FyYmFnZQ.Z2FyYmFnZQ',
    'claims that are an array': (it) => unsigned(good(it).header, [], 'AAAA'),
  }

  it.each(Object.entries(broken))('has %s', async (_what, make) => {
    const it = await trust()
    expect(await outcome(it.authenticator, `Bearer ${await make(it)}`)).toBe('unauthenticated')
  })

  it.each([
    ['no algorithm', 'wrong-algorithm'],
    ['an end 61 s ago', 'expired'],
    ['another audience', 'wrong-audience'],
    ['no exp', 'wrong-claims'],
    ['no scope', 'wrong-claims'],
    ['a scope that its issuer may not give', 'wrong-claims'],
    ['an unknown issuer', 'unknown-issuer'],
    ['the type of another kind of token', 'wrong-type'],
    ['no kid', 'unknown-key'],
    ['an unknown kid', 'unknown-key'],
    ['the kid of a good key and the signature of another', 'wrong-signature'],
    ['parts that are no JSON', 'malformed-token'],
  ])('has %s, for which the log has the reason %s', async (what, reason) => {
    const it = await trust()
    const authenticated = async () => it.authenticator.authenticate(`Bearer ${await broken[what]?.(it)}`)
    await expect(authenticated()).rejects.toMatchObject({ code: 'unauthenticated', reason })
  })

  it.each(['Basic', 'Token', 'BearerX', ''])('comes after "%s" in place of Bearer', async (scheme) => {
    const it = await trust()
    expect(await outcome(it.authenticator, `${scheme} ${await signed(it)}`.trim())).toBe('unauthenticated')
  })

  it.each(['', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer ä', 'Bearer a,Bearer b'])(
    'is no token at all: "%s"',
    async (authorization) => {
      const { authenticator } = await trust()
      expect(await outcome(authenticator, authorization)).toBe('unauthenticated')
      expect(() => bearerToken(authorization)).toThrow(Failure)
    },
  )

  it('is refused even if a request without a token is allowed everything', async () => {
    const { authenticator } = await trust({ anonymous: true })
    expect(await outcome(authenticator, 'Bearer garbage')).toBe('unauthenticated')
    expect(await outcome(authenticator, '')).toBe('unauthenticated')
  })
})

describe('A request without a token', () => {
  it('has no caller', async () => {
    const { authenticator } = await trust()
    expect(await outcome(authenticator, undefined)).toBe('unauthenticated')
  })

  it('has the anonymous caller if one is configured', async () => {
    const { authenticator } = await trust({ anonymous: true })
    expect(await outcome(authenticator, undefined)).toEqual({ id: 'anybody', scopes: ['everything'] })
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
