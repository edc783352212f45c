import type { Database } from '@tandem/chassis/database/database'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { Failure } from '@tandem/chassis/failure'
import { timestamp, type System } from '@tandem/chassis/system'
import type { UserClient } from '../users/user-client'
import type { greetingEvents } from './greeting-events'
import { insertGreeting, type Greeting } from './greeting-store'

interface Deps {
  database: Database
  users: Pick<UserClient, 'nameOf'>
  system: System
}

interface NewGreeting {
  userId: string
  words: string
  requestId: string
}

/** Greets a user by the name that user-service has. Throws `user-not-found`, or `unavailable`. */
export async function createGreeting(
  { database, users, system }: Deps,
  { userId, words, requestId }: NewGreeting,
): Promise<Greeting & { text: string }> {
  const name = await users.nameOf(userId, requestId) // before the transaction: a transaction never waits for the network
  if (name === undefined) throw new Failure('user-not-found')
  const greeting = { id: system.newId(), userId, words, createdAt: timestamp(system) }
  const type: keyof typeof greetingEvents = 'greeting.created'
  await database.write(async (tx) => {
    await insertGreeting(tx, greeting)
    await appendEvent(tx, system, { type, subject: greeting.id, data: { id: greeting.id, userId } })
  })
  return { ...greeting, text: `${words}, ${name}` }
}
