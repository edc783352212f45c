import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { audit } from '../../audit/audit'
import { collectOrderRecords, collectUserRecords } from '../../audit/records'
import { rightDatabases } from '../support/right-records'

const run = promisify(execFile)
const root = join(__dirname, '../../..')

/** What a service's own command prints, from its sources. */
async function printed(service: string, databaseFile: string): Promise<unknown[]> {
  const args = [
    '-C',
    'development',
    '-r',
    join(__dirname, '../../../chassis/testing/run-typescript.cjs'),
    `${service}/src/operations/cli.ts`,
    'print-records',
  ]
  const env = { ...process.env, DATABASE_URL: `sqlite:${databaseFile}` }
  const { stdout, stderr } = await run(process.execPath, args, { cwd: root, env })
  expect(stderr).toBe('')
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('each service prints its records by its own command while it has the database open', async () => {
  const { files } = await rightDatabases()
  const [users, orders] = await Promise.all([
    printed('user-service', files.users),
    printed('order-service', files.orders),
  ])
  const records = {
    users: await collectUserRecords(Readable.from(users)),
    orders: await collectOrderRecords(Readable.from(orders)),
  }
  const { findings, checked } = audit(records, { settled: true })
  expect({ findings, checked }).toMatchObject({ findings: [], checked: { users: 1, orders: 5 } })
})
