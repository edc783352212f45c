import { Failure } from '../failure'
import { bearerToken, invalidToken, type Authenticator } from './authenticator'
import type { Caller } from '../http/caller'

/** The scope of a caller that sends an API key instead of a token. */
export const keyScope = 'key'

interface Deps {
  authenticator: Authenticator
  holderOf?: ((apiKey: string) => Promise<Caller | undefined>) | undefined
}

/** Treats a credential as an API key only on routes that accept keys, and only if it has no dots, as a JWT does. */
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
