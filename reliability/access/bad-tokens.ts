import { createHmac } from 'node:crypto'
import { SignJWT, type JWTHeaderParameters } from 'jose'
import type { SigningKey } from '../../chassis/src/auth/signing-key'
import type { ServiceName } from '../harness/service-processes'

export interface Issuers {
  users: SigningKey
  orders: SigningKey
  /** Published nowhere. */
  unknown: SigningKey
  /** That the issuer published, and then withdrew. */
  withdrawn: SigningKey
}

interface Parts {
  header?: object
  claims?: object
}

/** Seconds by which the clocks may differ, and more. */
const longAgo = 1_000

/** Each broken token, as a value of Authorization: nothing is wrong with it but what its name says. */
export async function badTokens(audience: ServiceName, issuers: Issuers): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000)
  const { users, orders, unknown, withdrawn } = issuers
  const claims = { iss: 'user-service', sub: 'admin', aud: [audience], scope: 'admin', iat: now, exp: now + 900 }
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: users.kid }
  const signed = async (key: SigningKey, parts: Parts = {}) => {
    const whole = { ...header, ...parts.header } as JWTHeaderParameters
    return `Bearer ${await new SignJWT({ ...claims, ...parts.claims }).setProtectedHeader(whole).sign(key.privateKey)}`
  }
  const with_ = (parts: Parts) => signed(users, parts)
  const unsigned = (parts: Parts, signature: (input: string) => string) => {
    const input = `${encoded({ ...header, ...parts.header })}.${encoded({ ...claims, ...parts.claims })}`
    return `Bearer ${input}.${signature(input)}`
  }
  const hmac = (secret: string) => unsigned({ header: { alg: 'HS256' } }, (input) => hs256(secret, input))
  const right = await with_({})
  const ofIssuer = audience === 'user-service' ? { iss: 'order-service', sub: 'order-service', scope: 'service' } : {}
  return {
    malformed: 'Bearer no.token.atall',
    'not a bearer token': right.replace('Bearer', 'Basic'),
    'cut off': right.slice(0, -2),
    expired: await with_({ claims: { iat: now - 900 - longAgo, exp: now - longAgo } }),
    'no exp': await with_({ claims: { exp: undefined } }),
    'no iat': await with_({ claims: { iat: undefined } }),
    'exp too far': await with_({ claims: { exp: now + 901 } }),
    'not yet issued': await with_({ claims: { iat: now + longAgo, exp: now + longAgo + 900 } }),
    'wrong aud': await with_({ claims: { aud: [audience === 'user-service' ? 'order-service' : 'user-service'] } }),
    'no aud': await with_({ claims: { aud: undefined } }),
    'wrong iss': await with_({ claims: { iss: 'nobody' } }),
    'another trusted iss': await with_({ claims: { iss: 'order-service' } }),
    'no iss': await with_({ claims: { iss: undefined } }),
    'wrong typ': await with_({ header: { typ: 'JWT' } }),
    'no typ': await with_({ header: { typ: undefined } }),
    'alg none': unsigned({ header: { alg: 'none' } }, () => ''),
    'HS256 with the public key': hmac(users.publicJwk.x ?? ''),
    'HS256 with the JWK': hmac(JSON.stringify(users.publicJwk)),
    "another service's key": await signed(orders, { header: { kid: orders.kid } }),
    "another service's key under this kid": await signed(orders),
    'an unknown key': await signed(unknown, { header: { kid: unknown.kid } }),
    'an unknown key of this issuer': await signed(unknown, {
      header: { kid: unknown.kid },
      claims: { ...ofIssuer, exp: now + 300 },
    }),
    'no kid': await with_({ header: { kid: undefined } }),
    'a withdrawn key': await signed(withdrawn, {
      header: { kid: withdrawn.kid },
      claims: { ...ofIssuer, exp: now + 300 },
    }),
    'a scope that its issuer may not give': await with_({ claims: { scope: 'service' } }),
    'a service that calls itself an admin': await signed(orders, {
      header: { kid: orders.kid },
      claims: { iss: 'order-service', sub: 'order-service', exp: now + 300 },
    }),
    'a service in the name of another': await signed(orders, {
      header: { kid: orders.kid },
      claims: { iss: 'order-service', sub: 'other', scope: 'service', exp: now + 300 },
    }),
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function hs256(secret: string, input: string): string {
  return createHmac('sha256', secret).update(input).digest('base64url')
}
