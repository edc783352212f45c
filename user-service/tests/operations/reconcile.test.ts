import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { databaseUrlIn, temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { migrations } from '../../src/database/migrations'
import { started } from '../support/started-service'

const runTypeScript = join(__dirname, '../../../chassis/testing/run-typescript.cjs')

async function reconcile(folder: string, ...records: object[]) {
  const args = ['-C', 'development', '-r', runTypeScript, join(__dirname, '../../src/operations/cli.ts'), 'reconcile']
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: await databaseUrlIn(folder),
    ADMIN_KEY_FILE: join(folder, 'admin-key'),
  }
  const child = spawn(process.execPath, args, { env, stdio: 'pipe' })
  const lines = [...records, { kind: 'end', of: 'order-service' }].map((line) => `${JSON.stringify(line)}\n`)
  child.stdin.on('error', () => undefined) // it has ended without reading
  child.stdin.end(lines.join(''))
  const [printed, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { printed, complaints, code: code as number | null }
}

test('reconcile beside a running service changes nothing, and says that the database is in use', async () => {
  const { folder } = await started()
  const { printed, complaints, code } = await reconcile(folder)
  expect({ printed, code }).toEqual({ printed: '', code: 1 })
  expect(complaints).toMatch(
    /^user-service: the database (\S+ )?is in use by (another process|user-service \([\d.:a-f]+\))\n$/,
  )
})

test('reconcile prints an id with an escape sequence as text', async () => {
  const folder = temporaryFolder()
  await (await temporaryDatabase(migrations, { folder })).close()
  const order = { kind: 'order', id: 'o\u001b[2J\u009b', userId: 'u\n', totalCents: 5, status: 'confirmed' }
  const { printed, code } = await reconcile(folder, order)
  const why = 'there is no such user, who has signed up after the back-up was made'
  expect(printed.split('\n')).toEqual([
    `NOT held: 5 cents of user u\\u000a for order o\\u001b[2J\\u009b: ${why}`,
    'holds: 0 released, 0 held again, 1 not mended',
    '',
  ])
  expect(code).toBe(1)
})
