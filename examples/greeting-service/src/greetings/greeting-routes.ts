import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { mayActAs, type Caller } from '@tandem/chassis/http/caller'
import { id, text } from '@tandem/chassis/http/fields'
import { created, ok } from '@tandem/chassis/http/response'
import { route, type Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { z } from 'zod'
import type { UserClient } from '../users/user-client'
import { createGreeting } from './create-greeting'
import { findGreeting } from './greeting-store'

const GreetingResponse = z.strictObject({
  id: z.uuid(),
  userId: z.guid(),
  words: z.string(),
  createdAt: z.iso.datetime(),
})

interface Deps {
  database: Database
  users: Pick<UserClient, 'nameOf'>
  system: System
}

export function greetingRoutes(deps: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/greetings',
      summary: 'Greet a user by name',
      who: ['user', 'admin'],
      body: z.strictObject({ userId: id, words: text({ min: 1, max: 100 }) }),
      responses: { 201: GreetingResponse.extend({ text: z.string() }) },
      problems: ['user-not-found', 'unavailable'],
      handle: async ({ body, caller, requestId }) => {
        if (!isVisible(caller, body.userId)) throw new Failure('user-not-found')
        const greeting = await createGreeting(deps, { ...body, requestId })
        return created(greeting, { Location: `/greetings/${greeting.id}` })
      },
    }),
    route({
      method: 'get',
      path: '/greetings/:id',
      summary: 'A greeting',
      who: ['user', 'admin'],
      params: z.strictObject({ id }),
      responses: { 200: GreetingResponse },
      problems: ['greeting-not-found'],
      handle: async ({ params, caller }) => {
        const greeting = await findGreeting(deps.database.read, params.id)
        if (greeting === undefined || !isVisible(caller, greeting.userId)) throw new Failure('greeting-not-found')
        return ok(greeting)
      },
    }),
  ]
}

/** What belongs to another user is not found: nobody learns that it exists. */
function isVisible(caller: Caller, userId: string): boolean {
  return caller.id === userId || mayActAs(caller, 'admin')
}
