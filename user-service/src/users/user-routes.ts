import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { created, noContent, ok } from '@tandem/chassis/http/answer'
import { route, type Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { id, text } from '@tandem/chassis/text'
import { z } from 'zod'
import { self } from './self'
import { signUp } from './sign-up'
import { deleteUser, findUser } from './user-store'

const UserId = z.strictObject({ id })
const name = text({ max: Number.MAX_SAFE_INTEGER })
  .trim()
  .pipe(text({ min: 1, max: 100 }))
const email = z.email().max(254)

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
      who: 'anyone',
      body: z.strictObject({ name, email }),
      handle: async ({ body }) => {
        const user = await signUp({ database, system, signupCreditCents }, body)
        return created(user, { Location: `/users/${user.id}` })
      },
    }),
    route({
      method: 'get',
      path: '/users/:id',
      who: ['user', 'admin', 'service'],
      params: UserId,
      handle: async ({ params, caller }) => {
        const user = await findUser(database.read, self(caller, params.id))
        if (user === undefined) throw new Failure('user-not-found')
        return ok(user, { ETag: `"${user.version}"` })
      },
    }),
    route({
      method: 'delete',
      path: '/users/:id',
      who: ['user', 'admin'],
      params: UserId,
      handle: async ({ params, caller }) => {
        const userId = self(caller, params.id)
        if (!(await database.write((tx) => deleteUser(tx, system, userId)))) throw new Failure('user-not-found')
        return noContent
      },
    }),
  ]
}
