import type { Database } from '@tandem/chassis/database/database'

/**
 * Makes the next statements of this kind on this table fail, as a full disk or a fault of ours would, until `mend` is
 * called. The message of the error is `secret of ours`.
 */
export async function breakTable(
  database: Database,
  statement: 'INSERT' | 'UPDATE',
  table: string,
): Promise<{ mend: () => Promise<void> }> {
  const statements = database.isConcurrent
    ? [
        `CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'secret of ours'; END $$`,
        `CREATE TRIGGER broken BEFORE ${statement} ON ${table} FOR EACH ROW EXECUTE FUNCTION broken()`,
      ]
    : [`CREATE TRIGGER broken BEFORE ${statement} ON ${table} BEGIN SELECT RAISE(ABORT, 'secret of ours'); END`]
  return withTrigger(database, statements, 'broken', table)
}

/** Makes each transaction that inserts into this table fail at its commit, after everything was done, until `mend`. */
export async function failCommits(database: Database, table: string): Promise<{ mend: () => Promise<void> }> {
  const insert = "INSERT INTO late VALUES ('child', 'missing')"
  const statements = [
    'CREATE TABLE late (id TEXT PRIMARY KEY, parent TEXT REFERENCES late DEFERRABLE INITIALLY DEFERRED)',
    ...(database.isConcurrent
      ? [
          `CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${insert}; RETURN NULL; END $$`,
          `CREATE TRIGGER late AFTER INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION late()`,
        ]
      : [`CREATE TRIGGER late AFTER INSERT ON ${table} BEGIN ${insert}; END`]),
  ]
  return withTrigger(database, statements, 'late', table)
}

async function withTrigger(database: Database, statements: string[], name: string, table: string) {
  await database.write(async (tx) => {
    for (const sql of statements) await tx.run(sql)
  })
  const drop = `DROP TRIGGER ${name}${database.isConcurrent ? ` ON ${table}` : ''}`
  const mend = async () => {
    await database.write((tx) => tx.run(drop))
  }
  return { mend }
}
