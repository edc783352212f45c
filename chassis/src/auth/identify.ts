import { Failure } from '../failure'
import { bearerToken, invalidToken, type Authenticator } from './authenticator'
import type { Caller } from '../http/caller'

/** The scope of a caller that shows an API key itself, not a token that was bought with it. */
export const keyScope = 'key'

interface Deps {
  authenticator: Authenticator
  /** Whose an API key is; undefined for a key of nobody. */
  holderOf?: ((apiKey: string) => Promise<Caller | undefined>) | undefined
}

/**
 * Finds the caller from the Authorization header. A credential is an API key only on a route for keys, and there only if
 * it cannot be a token: a JWT has dots, an API key has none.
 */
export function identify(who: readonly string[], { authenticator, holderOf }: Deps) {
  const acceptsKeys = who.includes(keyScope)
  const acceptsTokens = who.some((scope) => scope !== keyScope)
  return (authorization: string | undefined): Caller | Promise<Caller> => {
    if (!acceptsKeys || (acceptsTokens && authorization === undefined)) return authenticator.authenticate(authorization)
    const credential = bearerToken(authorization)
    if (acceptsTokens && credential.includes('.')) return authenticator.authenticate(authorization)
    return findHolder(credential, holderOf)
  }
}

async function findHolder(apiKey: string, holderOf: Deps['holderOf']): Promise<Caller> {
  const holder = await holderOf?.(apiKey)
  if (holder === undefined) {
    throw new Failure('unauthenticated', {
      detail: 'There is no such key.',
      reason: 'unknown-api-key',
      headers: invalidToken,
    })
  }
  return holder
}
