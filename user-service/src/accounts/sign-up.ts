import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { timestamp, type System } from '@tandem/chassis/system'
import { insertDeposit } from '../credit/deposit-store'
import { newApiKey, replaceApiKey } from '../tokens/api-key-store'
import type { User } from '../users/user'
import { insertUser } from '../users/user-store'

interface Deps {
  database: Database
  system: System
  signupCreditCents: number
}

/** Creates a user with its first deposit and API key. Throws `email-taken`. */
export async function signUp(
  { database, system, signupCreditCents }: Deps,
  { name, email }: { name: string; email: string },
): Promise<User & { apiKey: string }> {
  const now = timestamp(system)
  const user: User = {
    id: system.newId(),
    name,
    email,
    creditCents: signupCreditCents,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  const apiKey = newApiKey()
  await database.write(async (tx) => {
    if (!(await insertUser(tx, system, user))) throw new Failure('email-taken')
    if (signupCreditCents > 0) {
      const deposit = {
        id: system.newId(),
        userId: user.id,
        amountCents: signupCreditCents,
        creditCents: signupCreditCents,
        createdAt: now,
      }
      await insertDeposit(tx, deposit)
    }
    await replaceApiKey(tx, system, user.id, apiKey)
  })
  return { ...user, apiKey }
}
