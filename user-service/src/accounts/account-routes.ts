import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { created, noContent, ok } from '@tandem/chassis/http/response'
import { page, pageQuery } from '@tandem/chassis/http/page'
import { route, type Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { id } from '@tandem/chassis/http/fields'
import { z } from 'zod'
import { changeUser } from '../users/change-user'
import { deleteUser } from './delete-user'
import { entityTag, ifMatch } from '../users/entity-tag'
import { visibleUserId } from '../users/visible-user-id'
import { signUp } from './sign-up'
import { email, name, SignedUpResponse, UserResponse } from '../users/user-schema'
import { findUser, listUsers } from '../users/user-store'

const UserPath = z.strictObject({ id })
const IfMatch = z.object({ 'if-match': ifMatch.optional() })
const SignUp = z
  .strictObject({ name, email })
  .meta({ id: 'SignUp', examples: [{ name: 'Ada', email: 'ada@example.com' }] })
const ChangeUser = SignUp.partial()
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'ChangeUser', minProperties: 1, examples: [{ name: 'Ada Lovelace' }] })

interface Deps {
  database: Database
  system: System
  signupCreditCents: number
}

export function userRoutes({ database, system, signupCreditCents }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/users',
      operationId: 'signUp',
      summary: 'Sign up: the API key is shown only this once',
      who: 'anyone',
      rateLimited: 'address',
      body: SignUp,
      responses: { 201: SignedUpResponse },
      responseHeaders: { 201: ['Location'] },
      problems: ['email-taken'],
      handle: async ({ body }) => {
        const user = await signUp({ database, system, signupCreditCents }, body)
        return created(user, { Location: `/users/${user.id}`, 'Cache-Control': 'no-store' })
      },
    }),
    route({
      method: 'get',
      path: '/users',
      operationId: 'listUsers',
      summary: 'List the users, newest first',
      who: ['admin'],
      query: z.strictObject(pageQuery(id)),
      responses: { 200: z.array(UserResponse) },
      responseHeaders: { 200: ['Link'] },
      handle: async ({ query: { limit, after } }) => {
        return page('/users', { limit }, await listUsers(database.read, { after, limit: limit + 1 }))
      },
    }),
    route({
      method: 'get',
      path: '/users/:id',
      operationId: 'getUser',
      summary: 'Get a user',
      who: ['user', 'admin', 'service'],
      params: UserPath,
      responses: { 200: UserResponse },
      responseHeaders: { 200: ['ETag'] },
      problems: ['user-not-found'],
      handle: async ({ params, caller }) => {
        const user = await findUser(database.read, visibleUserId(caller, params.id))
        if (user === undefined) throw new Failure('user-not-found')
        return ok(user, { ETag: entityTag(user) })
      },
    }),
    route({
      method: 'patch',
      path: '/users/:id',
      operationId: 'changeUser',
      summary: 'Change the name or the e-mail address of a user',
      who: ['user', 'admin'],
      rateLimited: 'caller',
      params: UserPath,
      headers: IfMatch,
      body: ChangeUser,
      responses: { 200: UserResponse },
      responseHeaders: { 200: ['ETag'] },
      problems: ['user-not-found', 'precondition-failed', 'email-taken'],
      handle: async ({ params, headers, body, caller }) => {
        const user = await changeUser({ database, system }, visibleUserId(caller, params.id), body, headers['if-match'])
        return ok(user, { ETag: entityTag(user) })
      },
    }),
    route({
      method: 'delete',
      path: '/users/:id',
      operationId: 'deleteUser',
      summary: 'Delete a user, with its API keys, deposits and holds',
      who: ['user', 'admin'],
      params: UserPath,
      headers: IfMatch,
      responses: { 204: 'nothing' },
      problems: ['user-not-found', 'precondition-failed'],
      handle: async ({ params, headers, caller }) => {
        await deleteUser({ database, system }, visibleUserId(caller, params.id), headers['if-match'])
        return noContent
      },
    }),
  ]
}
