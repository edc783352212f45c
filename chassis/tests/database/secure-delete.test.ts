import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SqliteConnection } from '@tandem/chassis/database/sqlite-connection'
import { afterThisTest, temporaryFolder } from '../../testing/temporary'

const rows = 500

test('what was deleted or changed is in no file of SQLite once its log begins anew', async () => {
  const file = join(temporaryFolder(), 'secrets.db')
  const connection = new SqliteConnection(file)
  afterThisTest(() => {
    connection.close()
  })
  connection.script('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX names ON people (name)')
  for (let id = 0; id < rows; id += 1)
    await connection.run('INSERT INTO people VALUES (?, ?)', id, `Ada Lovelace ${'x'.repeat(id % 50)}`)
  const bytes = async () => {
    await connection.all('PRAGMA wal_checkpoint(TRUNCATE)')
    return readFileSync(file, 'latin1') + readFileSync(`${file}-wal`, 'latin1')
  }
  expect(await bytes()).toContain('Ada Lovelace')

  await connection.run("UPDATE people SET name = 'B' WHERE id % 2 = 0")
  await connection.run('DELETE FROM people WHERE id % 2 = 1') // frees whole pages, too

  expect(await bytes()).not.toContain('Lovelace')
})
