import type { Database } from '@tandem/chassis/database/database'
import { beginRedaction } from '@tandem/chassis/events/redaction-store'
import { Failure } from '@tandem/chassis/failure'
import type { System } from '@tandem/chassis/system'
import { deleteApiKeys } from '../tokens/api-key-store'
import { matches, type Precondition } from '../users/entity-tag'
import { deleteUserRow, findUser, lockUser } from '../users/user-store'
import { eraseSome } from './erasure'

interface Deps {
  database: Database
  system: System
}

/** Deletes the user if the precondition holds. Throws `user-not-found` and `precondition-failed`. */
export async function deleteUser(
  { database, system }: Deps,
  userId: string,
  precondition: Precondition | undefined,
): Promise<void> {
  // One transaction: no change can come between the version check and the deletion.
  await database.write(async (tx) => {
    await lockUser(tx, userId)
    const user = await findUser(tx, userId)
    if (user === undefined) throw new Failure('user-not-found')
    if (!matches(precondition, user)) throw new Failure('precondition-failed')
    await deleteUserRow(tx, system, userId)
    await deleteApiKeys(tx, userId)
    await beginRedaction(tx, system, userId, ['name'])
    await eraseSome(tx, userId)
  })
}
