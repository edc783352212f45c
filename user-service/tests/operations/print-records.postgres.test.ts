import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { realSystem as system } from '@tandem/chassis/system'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { databaseUrlIn } from '../../../chassis/testing/temporary-database'
import { migrations } from '../../src/database/migrations'

const run = promisify(execFile)
const runTypeScript = join(__dirname, '../../../chassis/testing/run-typescript.cjs')

test('print-records of a PostgreSQL database takes the password from a file, and prints unnumbered events too', async () => {
  const folder = temporaryFolder()
  const url = new URL(await databaseUrlIn(folder))
  const database = await openPostgres({ url: url.href, migrations, system })
  await database.write((tx) => appendEvent(tx, system, { type: 'user.created', subject: 'ada', data: { id: 'ada' } }))
  await database.close()
  writeFileSync(join(folder, 'password'), `${decodeURIComponent(url.password)}\n`)
  url.password = ''

  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: url.href,
    DATABASE_PASSWORD_FILE: join(folder, 'password'),
    ADMIN_KEY_FILE: join(folder, 'admin-key'),
  }
  const cli = join(__dirname, '../../src/operations/cli.ts')
  const args = ['-C', 'development', '-r', runTypeScript, cli, 'print-records']
  const { stdout } = await run(process.execPath, args, { env })
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'event', sequence: null, subject: 'ada' })
})
