import type { Queries, Transaction } from '@tandem/chassis/database/database'

export interface Greeting {
  id: string
  userId: string
  words: string
  createdAt: string
}

export async function insertGreeting(tx: Transaction, { id, userId, words, createdAt }: Greeting): Promise<void> {
  await tx.run(
    'INSERT INTO greetings (id, user_id, words, created_at) VALUES (?, ?, ?, ?)',
    id,
    userId,
    words,
    createdAt,
  )
}

export async function findGreeting(queries: Queries, id: string): Promise<Greeting | undefined> {
  return queries.get<Greeting>(
    'SELECT id, user_id AS "userId", words, created_at AS "createdAt" FROM greetings WHERE id = ?',
    id,
  )
}
