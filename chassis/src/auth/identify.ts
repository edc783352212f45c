import { Failure } from '../failure'
import { bearerToken, invalidToken, type Authenticator } from './authenticator'
import type { Caller } from '../http/caller'

/** What a service accepts instead of a token, on the routes that name its scope. It has no dots, unlike a JWT. */
export interface OwnCredential {
  scope: string
  /** Its name and description in the OpenAPI document. */
  name: string
  description: string
  /** Returns undefined for an unknown one. */
  findOwner: (credential: string) => Promise<Caller | undefined>
}

interface Deps {
  authenticator: Authenticator
  ownCredential?: OwnCredential | undefined
}

/** Returns how to find the caller of a route. */
export function identify(who: readonly string[], { authenticator, ownCredential }: Deps) {
  const authenticate = (authorization: string | undefined) => authenticator.authenticate(authorization)
  if (!ownCredential || !who.includes(ownCredential.scope)) return authenticate
  const acceptsTokens = who.some((scope) => scope !== ownCredential.scope)
  return async (authorization: string | undefined): Promise<Caller> => {
    if (acceptsTokens && authorization === undefined) return authenticate(authorization)
    const credential = bearerToken(authorization)
    if (acceptsTokens && credential.includes('.')) return authenticate(authorization)
    return findOwner(credential, ownCredential)
  }
}

async function findOwner(credential: string, { scope, findOwner }: OwnCredential): Promise<Caller> {
  const owner = await findOwner(credential)
  if (owner === undefined) {
    const detail = `There is no such ${scope}.`
    throw new Failure('unauthenticated', { detail, reason: 'unknown-credential', headers: invalidToken })
  }
  return owner
}
