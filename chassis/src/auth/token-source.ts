import type { System } from '../system'
import { signToken, tokenSeconds } from './signing-key'
import type { SigningKeys } from './signing-keys'

const lifetimeSeconds = tokenSeconds.service
const renewBeforeSeconds = 60

/** The token that this service sends to another one: reused for many calls, and renewed before it expires. */
export class TokenSource {
  #current: { token: string; renewAt: number } | undefined
  #signing: Promise<string> | undefined

  constructor(
    private readonly keys: Pick<SigningKeys, 'signing'>,
    private readonly parties: { service: string; audience: string },
    private readonly system: Pick<System, 'now' | 'newId'>,
  ) {}

  async token(): Promise<string> {
    if (this.#current && this.#isFresh(this.#current.renewAt)) return this.#current.token
    this.#signing ??= this.#sign()
    return this.#signing
  }

  /** Also stale if the clock went back by over a minute: to others, the token's `iat` would lie in the future. */
  #isFresh(renewAt: number): boolean {
    const left = renewAt - this.system.now()
    return left > 0 && left <= lifetimeSeconds * 1000
  }

  async #sign(): Promise<string> {
    const renewAt = this.system.now() + (lifetimeSeconds - renewBeforeSeconds) * 1000
    const { service, audience } = this.parties
    try {
      const token = await signToken(this.keys.signing, this.system, {
        issuer: service,
        subject: service,
        audience: [audience],
        scope: 'service',
        lifetimeSeconds,
      })
      this.#current = { token, renewAt }
      return token
    } finally {
      this.#signing = undefined
    }
  }
}
