import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { databaseUrlIn, temporaryDatabase, temporaryFolder } from '../../../chassis/testing/temporary'
import { migrations } from '../../src/database/migrations'

const runTypeScript = join(__dirname, '../../../chassis/testing/run-typescript.cjs')

test('reconcile prints an id with an escape sequence as text', async () => {
  const folder = temporaryFolder()
  await (await temporaryDatabase(migrations, { folder })).close()
  const args = ['-C', 'development', '-r', runTypeScript, join(__dirname, '../../src/operations/cli.ts'), 'reconcile']
  const env = { PATH: process.env.PATH, DATABASE_URL: await databaseUrlIn(folder), ADMIN_KEY_FILE: join(folder, 'key') }
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const order = { kind: 'order', id: 'o\u001b[2J\u009b', userId: 'u\n', totalCents: 5, status: 'confirmed' }
  child.stdin.end([order, { kind: 'end', of: 'order-service' }].map((line) => `${JSON.stringify(line)}\n`).join(''))

  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])

  const why = 'there is no such user, who has signed up after the back-up was made'
  expect(printed.split('\n')).toEqual([
    `NOT held: 5 cents of user u\\u000a for order o\\u001b[2J\\u009b: ${why}`,
    'holds: 0 released, 0 held again, 1 not mended',
    '',
  ])
  expect(code).toBe(1)
})
