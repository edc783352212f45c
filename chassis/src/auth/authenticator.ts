import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { copyText } from '../copy-text'
import { Failure } from '../failure'
import type { System } from '../system'
import type { Caller } from '../http/caller'
import type { KeySet } from './key-set'
import type { RefusalReason } from './refusal-reason'
import { algorithm } from './signing-key'

const clockToleranceSeconds = 60
const maxRemembered = 10_000

export interface TrustedIssuer {
  keys: KeySet
  scopes: readonly string[]
  /** Longest accepted time between `iat` and `exp`. */
  maxTokenSeconds: number
  subject?: string
}

interface Options {
  audience: string
  issuers: ReadonlyMap<string, TrustedIssuer>
  /** The caller of a request without a token; undefined if it has no rights. */
  anonymous?: Caller | undefined
  system: Pick<System, 'now'>
}

interface Checked {
  caller: Caller
  expires: number
  isTrusted: () => boolean
}

/** For a token that was given and is refused (RFC 6750); a request without one gets no `error`. */
export const invalidToken = { 'WWW-Authenticate': 'Bearer error="invalid_token"' }

const Claims = z.object({ sub: z.string().min(1), scope: z.string(), iat: z.number(), exp: z.number() })

/**
 * Authenticates a request by its Authorization header (RFC 6750). Throws `unauthenticated`, or `unavailable` if the
 * issuer's keys were never fetched. A verified token is cached until it expires or its key is withdrawn.
 */
export class Authenticator {
  readonly #checked = new Map<string, Checked>()

  constructor(private readonly options: Options) {}

  get scopes(): string[] {
    const given = [...this.options.issuers.values()].flatMap(({ scopes }) => scopes)
    return [...new Set(given)]
  }

  get isOpen(): boolean {
    return this.options.anonymous !== undefined
  }

  async authenticate(authorization: string | undefined): Promise<Caller> {
    if (authorization === undefined && this.options.anonymous) return this.options.anonymous
    const token = bearerToken(authorization)
    const known = this.#checked.get(token)
    if (known && this.#now < known.expires + clockToleranceSeconds && known.isTrusted()) return known.caller
    return this.#check(token)
  }

  get #now(): number {
    return this.options.system.now() / 1000
  }

  async #check(token: string): Promise<Caller> {
    const { issuer, name, kid } = this.#issuerOf(token)
    const key = await issuer.keys.find(kid)
    if (key === undefined) throw badToken('unknown-key')
    const claims = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer: name,
      audience: this.options.audience,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(this.options.system.now()),
    }).then(({ payload }) => readClaims(payload, issuer), refuse)
    if (claims.iat > this.#now + clockToleranceSeconds) throw badToken('not-yet-valid')
    const caller = { id: claims.sub, scopes: [claims.scope] }
    this.#remember(token, { caller, expires: claims.exp, isTrusted: () => issuer.keys.has(kid) })
    return caller
  }

  /** Reads the claims before verification: use them only to find the key. */
  #issuerOf(token: string): { issuer: TrustedIssuer; name: string; kid: string } {
    try {
      const { kid } = decodeProtectedHeader(token)
      const { iss: name } = decodeJwt(token)
      const issuer = typeof name === 'string' ? this.options.issuers.get(name) : undefined
      if (issuer && typeof name === 'string' && typeof kid === 'string') return { issuer, name, kid }
      throw badToken(issuer ? 'unknown-key' : 'unknown-issuer')
    } catch (cause) {
      throw cause instanceof Failure ? cause : badToken('malformed-token', cause)
    }
  }

  #remember(token: string, checked: Checked): void {
    const oldest = this.#checked.keys().next()
    if (this.#checked.size >= maxRemembered && !oldest.done) this.#checked.delete(oldest.value)
    this.#checked.set(copyText(token), checked)
  }
}

export function bearerToken(authorization: string | undefined): string {
  const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1]
  if (given === undefined) throw noToken(authorization)
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(given)) throw badToken('malformed-token')
  return given
}

function readClaims(payload: unknown, issuer: TrustedIssuer): z.output<typeof Claims> {
  const { data: claims } = Claims.safeParse(payload)
  if (claims === undefined || !issuer.scopes.includes(claims.scope)) throw badToken('wrong-claims')
  if (issuer.subject !== undefined && claims.sub !== issuer.subject) throw badToken('wrong-claims')
  const lifetime = claims.exp - claims.iat
  if (lifetime < 0 || lifetime > issuer.maxTokenSeconds) throw badToken('wrong-claims')
  return claims
}

function refuse(cause: unknown): never {
  if (cause instanceof errors.JOSEError) throw badToken(reasonOf(cause), cause)
  throw cause
}

/** By jose's code, and for a claim by its name. */
const reasons: Readonly<Record<string, RefusalReason>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JOSE_ALG_NOT_ALLOWED: 'wrong-algorithm',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'wrong-signature',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'wrong-claims',
  aud: 'wrong-audience',
  typ: 'wrong-type',
  nbf: 'not-yet-valid',
}

function reasonOf(error: errors.JOSEError): RefusalReason {
  const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : ''
  return reasons[claim] ?? reasons[error.code] ?? 'malformed-token'
}

function noToken(authorization: string | undefined): Failure {
  const detail = 'This needs Authorization: Bearer <token>.'
  return new Failure('unauthenticated', { detail, reason: authorization === undefined ? 'no-token' : 'not-bearer' })
}

function badToken(reason: RefusalReason, cause?: unknown): Failure {
  const detail = 'The token is malformed, expired or not meant for this.'
  return new Failure('unauthenticated', { detail, reason, cause, headers: invalidToken })
}
