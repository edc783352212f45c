import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { Failure } from '../failure'
import type { System } from '../system'
import type { Caller } from './caller'
import type { KeySet } from './key-set'
import { algorithm } from './signing-key'

const clockToleranceSeconds = 60
const remembered = 10_000

export interface TrustedIssuer {
  keys: KeySet
  /** The scopes that this issuer may give; a token has exactly one. */
  scopes: readonly string[]
  /** The only subject that it may name, where there is only one. */
  subject?: string
}

interface Options {
  /** The name of this service, which a token must be meant for. */
  audience: string
  issuers: ReadonlyMap<string, TrustedIssuer>
  /** Who a request without a token is; undefined where it is nobody. */
  anonymous?: Caller | undefined
  system: Pick<System, 'now'>
}

const Claims = z.object({ sub: z.string().min(1), scope: z.string(), exp: z.number() })

/**
 * Finds out who asks, from the Authorization header (RFC 6750). Throws `unauthenticated`, or `unavailable` where the
 * issuer's keys were never had. A token that was checked is remembered until it expires.
 */
export class Authenticator {
  readonly #checked = new Map<string, { caller: Caller; expires: number }>()

  constructor(private readonly options: Options) {}

  /** Every scope that some caller may have. */
  get scopes(): string[] {
    const given = [...this.options.issuers.values()].flatMap(({ scopes }) => scopes)
    return [...new Set(given)]
  }

  authenticate(authorization: string | undefined): Caller | Promise<Caller> {
    if (authorization === undefined) {
      if (this.options.anonymous) return this.options.anonymous
      throw new Failure('unauthenticated', { detail: 'This needs an access token: Authorization: Bearer <token>.' })
    }
    const token = bearerToken(authorization)
    const known = this.#checked.get(token)
    if (known && this.options.system.now() / 1000 < known.expires + clockToleranceSeconds) return known.caller
    return this.#check(token)
  }

  async #check(token: string): Promise<Caller> {
    const { issuer, name, kid } = this.#issuerOf(token)
    const key = await issuer.keys.find(kid)
    if (key === undefined) throw badToken()
    const { caller, expires } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer: name,
      audience: this.options.audience,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(this.options.system.now()),
    }).then(({ payload }) => callerOf(payload, issuer), refuse)
    this.#remember(token, { caller, expires })
    return caller
  }

  /** What the token says of itself, to be believed only once its signature is checked. */
  #issuerOf(token: string): { issuer: TrustedIssuer; name: string; kid: string } {
    try {
      const { kid } = decodeProtectedHeader(token)
      const { iss: name } = decodeJwt(token)
      const issuer = typeof name === 'string' ? this.options.issuers.get(name) : undefined
      if (issuer && typeof name === 'string' && typeof kid === 'string') return { issuer, name, kid }
    } catch (cause) {
      throw badToken(cause)
    }
    throw badToken()
  }

  #remember(token: string, checked: { caller: Caller; expires: number }): void {
    const oldest = this.#checked.keys().next()
    if (this.#checked.size >= remembered && !oldest.done) this.#checked.delete(oldest.value)
    this.#checked.set(token, checked)
  }
}

/** The credentials of a Bearer Authorization header; throws `unauthenticated` for any other. */
export function bearerToken(authorization: string): string {
  const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization)?.[1]
  if (token === undefined) throw badToken()
  return token
}

function callerOf(payload: unknown, issuer: TrustedIssuer): { caller: Caller; expires: number } {
  const { data: claims } = Claims.safeParse(payload)
  if (claims === undefined || !issuer.scopes.includes(claims.scope)) throw badToken()
  if (issuer.subject !== undefined && claims.sub !== issuer.subject) throw badToken()
  return { caller: { id: claims.sub, scopes: [claims.scope] }, expires: claims.exp }
}

function refuse(cause: unknown): never {
  if (cause instanceof errors.JOSEError) throw badToken(cause)
  throw cause
}

function badToken(cause?: unknown): Failure {
  return new Failure('unauthenticated', { detail: 'The token is malformed, expired or not meant for this.', cause })
}
