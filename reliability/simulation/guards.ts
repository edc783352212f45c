import type { Database, Transaction } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import type { System } from '@tandem/chassis/system'
import { observing, replacing } from './database'

/** A store that lacks one guard and replaces the real one. */
export interface Sabotage {
  of: 'user-service' | 'order-service'
  database: (database: Database, system: System) => Database
  /** Where the tables guard it too. */
  migrations?: (migrations: readonly Migration[]) => readonly Migration[]
}

const laterMs = 50

/** What Tandem relies on, each as a way to take it away. */
export const guards: Readonly<Record<string, Sabotage>> = {
  'conditional-update': {
    of: 'user-service',
    database: replacing('WHERE id = ? AND credit_cents >= ?', 'WHERE id = ? AND ? > 0'),
    migrations: withoutText(
      ' CHECK (credit_cents BETWEEN 0 AND 9007199254740991),\n        version',
      ',\n        version',
    ),
  },
  'key-uniqueness': {
    of: 'order-service',
    database: replacing(' ON CONFLICT (placed_by, idempotency_key) DO NOTHING', ''),
    migrations: withoutText('UNIQUE (placed_by, idempotency_key),\n', ''),
  },
  tombstone: {
    of: 'user-service',
    database: replacing("VALUES (?, ?, 'released', ?)", "SELECT ?, ?, 'released', ? WHERE 0 = 1"),
  },
  'refusal-remembered': {
    of: 'user-service',
    database: replacing("UPDATE holds SET state = 'refused'", 'DELETE FROM holds'),
  },
  'compare-and-set': {
    of: 'order-service',
    database: replacing('own_failures = 0 WHERE id = ? AND status = ?', 'own_failures = 0 WHERE id = ? AND ? > 0'),
  },
  'order-before-hold': { of: 'order-service', database: storingOrdersLater },
  'effect-with-position': { of: 'order-service', database: copyingUsersLater },
}

function withoutText(text: string, instead: string): NonNullable<Sabotage['migrations']> {
  return (migrations) => {
    if (!migrations.some(({ sql }) => sql.includes(text))) throw new Error(`no migration has ${JSON.stringify(text)}`)
    return migrations.map((it) => ({ ...it, sql: it.sql.replace(text, instead) }))
  }
}

/** Says that an order is stored before it is: its caller goes on, and asks for the hold. */
function storingOrdersLater(database: Database, system: System): Database {
  return {
    ...database,
    write: async (unit) => {
      const postponed: { result: Awaited<ReturnType<typeof unit>> }[] = []
      try {
        return await database.write(async (tx) => {
          const ran: string[] = []
          const result = await unit(observing(tx, (sql) => ran.push(sql)))
          if (!ran.some((sql) => sql.startsWith('INSERT INTO orders'))) return result
          postponed.push({ result })
          throw new Error('postponed')
        })
      } catch (error) {
        const [answer] = postponed
        if (answer === undefined) throw error
        system.setTimeout(() => void database.write(unit), laterMs)
        return answer.result
      }
    },
  }
}

/** Moves the position in one transaction, and copies the users in the next one. */
function copyingUsersLater(database: Database): Database {
  return {
    ...database,
    write: async (unit) => {
      const copies: Parameters<Transaction['run']>[] = []
      const result = await database.write((tx) =>
        unit({
          isConcurrent: tx.isConcurrent,
          get: (sql, ...values) => tx.get(sql, ...values),
          all: (sql, ...values) => tx.all(sql, ...values),
          run: async (sql, ...values) => {
            if (!sql.startsWith('INSERT INTO user_copies')) return tx.run(sql, ...values)
            copies.push([sql, ...values])
            return 1
          },
        }),
      )
      if (copies.length > 0) {
        await database.write(async (tx) => {
          for (const copy of copies) await tx.run(...copy)
        })
      }
      return result
    },
  }
}
