import { mayActAs } from '@tandem/chassis/http/caller'
import { signToken, tokenSeconds } from '@tandem/chassis/auth/signing-key'
import type { SigningKeys } from '@tandem/chassis/auth/signing-keys'
import type { Database } from '@tandem/chassis/database/database'
import { created, ok } from '@tandem/chassis/http/response'
import { route, type Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { id } from '@tandem/chassis/http/fields'
import { z } from 'zod'
import { visibleUserId } from '../users/visible-user-id'
import { ApiKeyResponse } from '../users/user-schema'
import { renewApiKey } from './renew-api-key'

const lifetimeSeconds = tokenSeconds.access

const TokenResponse = z
  .strictObject({
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.literal(lifetimeSeconds),
  })
  .meta({
    id: 'AccessToken',
    examples: [{ accessToken: 'eyJhbGciOiJFZERTQSJ9.e30.c2ln', tokenType: 'Bearer', expiresIn: lifetimeSeconds }],
  })

interface Deps {
  database: Database
  signingKeys: Pick<SigningKeys, 'signing'>
  /** The services that accept the token. */
  tokenAudiences: readonly string[]
  system: System
}

export function tokenRoutes({ database, signingKeys, tokenAudiences, system }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/tokens',
      operationId: 'getToken',
      summary: 'Exchange an API key for an access token',
      who: ['key'],
      rateLimited: 'address',
      responses: { 200: TokenResponse },
      handle: async ({ caller }) => {
        const accessToken = await signToken(signingKeys.signing, system, {
          issuer: 'user-service',
          subject: caller.id,
          audience: tokenAudiences,
          scope: mayActAs(caller, 'admin') ? 'admin' : 'user',
          lifetimeSeconds,
        })
        return ok({ accessToken, tokenType: 'Bearer', expiresIn: lifetimeSeconds }, { 'Cache-Control': 'no-store' })
      },
    }),
    route({
      method: 'post',
      path: '/users/:id/keys',
      operationId: 'replaceApiKey',
      summary: 'Replace the API key of a user: the old one stops working',
      who: ['key', 'admin'],
      rateLimited: 'caller',
      params: z.strictObject({ id }),
      responses: { 201: ApiKeyResponse },
      problems: ['user-not-found'],
      handle: async ({ params, caller }) => {
        const apiKey = await renewApiKey({ database, system }, visibleUserId(caller, params.id))
        return created({ apiKey }, { 'Cache-Control': 'no-store' })
      },
    }),
  ]
}
