import { createHmac } from 'node:crypto'
import { bearerToken } from '@tandem/chassis/auth/authenticator'
import { Failure } from '@tandem/chassis/failure'
import { trust, type Trust, signed, unsigned, ofService, outcome } from '../../testing/trusted-issuers'

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
