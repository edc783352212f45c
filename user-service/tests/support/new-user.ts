import { realSystem, timestamp } from '@tandem/chassis/system'
import type { User } from '../../src/users/user'
import { newEmail } from './user-app'

/** A user as it is before it is stored. */
export function newUser(): User {
  const now = timestamp(realSystem)
  const id = realSystem.newId()
  return { id, name: 'Ada', email: newEmail(), creditCents: 0, version: 1, createdAt: now, updatedAt: now }
}
