import type { ServiceName } from '../harness/service-processes'
import type { Tandem } from '../harness/tandem'

const tables = { 'user-service': 'users', 'order-service': 'orders' } as const

/** No user and no order can be written: on PostgreSQL the error then has the values of the row. */
export async function whileBroken(tandem: Tandem, meanwhile: () => Promise<void>): Promise<void> {
  const onEach = async (sqlFor: (table: string) => string) => {
    for (const [service, table] of Object.entries(tables) as [ServiceName, string][])
      await tandem.change(service, sqlFor(table))
  }
  const isPostgres = tandem.size === 'scale'
  await onEach((table) =>
    isPostgres
      ? `ALTER TABLE ${table} ADD CONSTRAINT broken CHECK (false) NOT VALID`
      : ['INSERT', 'UPDATE'].map((what) => trigger(what, table)).join(';'),
  )
  try {
    await meanwhile()
  } finally {
    await onEach((table) =>
      isPostgres
        ? `ALTER TABLE ${table} DROP CONSTRAINT broken`
        : 'DROP TRIGGER broken_insert; DROP TRIGGER broken_update',
    )
  }
}

function trigger(what: string, table: string): string {
  return `CREATE TRIGGER broken_${what} BEFORE ${what} ON ${table} BEGIN SELECT RAISE(ABORT, 'broken'); END`
}
