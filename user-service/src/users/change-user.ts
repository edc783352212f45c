import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { timestamp, type System } from '@tandem/chassis/system'
import { matches, type Precondition } from './entity-tag'
import type { User } from './user'
import { findUser, lockUser, updateUser } from './user-store'

interface Change {
  name?: string | undefined
  email?: string | undefined
}

interface Deps {
  database: Database
  system: System
}

/** Changes the name or e-mail, and so the version. Throws `user-not-found`, `precondition-failed` or `email-taken`. */
export async function changeUser(
  { database, system }: Deps,
  userId: string,
  change: Change,
  precondition: Precondition | undefined,
): Promise<User> {
  return database.write(async (tx) => {
    await lockUser(tx, userId)
    const user = await findUser(tx, userId)
    if (user === undefined) throw new Failure('user-not-found')
    if (!matches(precondition, user)) throw new Failure('precondition-failed')
    const changed: User = {
      ...user,
      name: change.name ?? user.name,
      email: change.email ?? user.email,
      version: user.version + 1,
      updatedAt: timestamp(system),
    }
    if (!(await updateUser(tx, system, user, changed))) throw new Failure('email-taken')
    return changed
  })
}
