import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import type { System } from '@tandem/chassis/system'
import { findUser, lockUser } from '../users/user-store'
import { newApiKey, replaceApiKey } from './api-key-store'

interface Deps {
  database: Database
  system: System
}

/** Gives a user a new API key; the old one stops working. Throws `user-not-found`. */
export async function renewApiKey({ database, system }: Deps, userId: string): Promise<string> {
  const apiKey = newApiKey()
  await database.write(async (tx) => {
    await lockUser(tx, userId)
    if (!(await findUser(tx, userId))) throw new Failure('user-not-found')
    await replaceApiKey(tx, system, userId, apiKey)
  })
  return apiKey
}
