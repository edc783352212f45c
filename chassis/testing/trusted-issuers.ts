import { SignJWT, type CryptoKey, type JWTHeaderParameters } from 'jose'
import { Authenticator } from '@tandem/chassis/auth/authenticator'
import { ownKeys, type KeySet } from '@tandem/chassis/auth/key-set'
import { Failure } from '@tandem/chassis/failure'
import { newSigningKey, onlyKey } from './tokens'
import { VirtualSystem } from './virtual-system'

export const minutes = 60_000

/** An issuer of users and a service beside it, whose keys are counted as they are looked up. */
export async function trust({ anonymous = false } = {}) {
  const system = new VirtualSystem()
  const [issuerKey, serviceKey] = await Promise.all([newSigningKey(), newSigningKey()])
  let lookups = 0
  let isWithdrawn = false
  const issuerKeys = ownKeys(onlyKey(issuerKey))
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
      [
        'service',
        { keys: ownKeys(onlyKey(serviceKey)), scopes: ['service'], maxTokenSeconds: 300, subject: 'service' },
      ],
    ]),
    anonymous: anonymous ? { id: 'anybody', scopes: ['everything'] } : undefined,
    system,
  })
  const withdraw = () => {
    isWithdrawn = true
  }
  return { system, authenticator, issuerKey, serviceKey, lookups: () => lookups, withdraw }
}

export type Trust = Awaited<ReturnType<typeof trust>>

/** A token as the issuer would sign it, but for what is given; undefined leaves a part out. */
export function signed(
  { system, issuerKey }: Pick<Trust, 'system' | 'issuerKey'>,
  { claims = {}, header = {}, key }: { claims?: object; header?: object; key?: CryptoKey } = {},
): Promise<string> {
  const now = Math.floor(system.now() / 1000)
  const payload = { iss: 'issuer', sub: 'ada', aud: ['here'], scope: 'user', iat: now, exp: now + 900, ...claims }
  const parts = { alg: 'EdDSA', typ: 'at+jwt', kid: issuerKey.kid, ...header } as JWTHeaderParameters
  return new SignJWT(payload).setProtectedHeader(parts).sign(key ?? issuerKey.privateKey)
}

export function unsigned(header: object, payload: object, signature = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}

/** As the service would sign it, for so many seconds from now on; it may use no other scope and subject. */
export function ofService(it: Trust, { iat = 0, exp = 300, scope = 'service' }): Promise<string> {
  const now = Math.floor(it.system.now() / 1000)
  return signed(it, {
    claims: { iss: 'service', sub: 'service', scope, iat: now + iat, exp: now + exp },
    header: { kid: it.serviceKey.kid },
    key: it.serviceKey.privateKey,
  })
}

export async function outcome(authenticator: Authenticator, authorization: string | undefined): Promise<unknown> {
  try {
    return await authenticator.authenticate(authorization)
  } catch (error) {
    return error instanceof Failure ? error.code : error
  }
}
