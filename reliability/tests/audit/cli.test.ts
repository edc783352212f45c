import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { thingMigrations } from '../../../chassis/testing/things'
import { insertOrder } from '../../../order-service/src/orders/order-store'
import { auditBy, type Choices } from '../../audit/cli'
import { realSystem, timestamp } from '@tandem/chassis/system'
import { rightDatabases } from '../support/right-records'

/** Audits two files, without pauses; answers what was said. */
async function auditFiles(files: { users: string; orders: string }, choices: Choices = {}) {
  const said: string[] = []
  const clean = await auditBy({ ...files, ...choices }, (line) => said.push(line), 0)
  return { clean, said }
}

function journalOf(...lines: object[]): string {
  const file = join(temporaryFolder(), 'journal.jsonl')
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

const right = 'users: 1, deposits: 3, holds: 4, orders: 5, events of users: 4, events of orders: 11, copies of users: 2'

test('the audit reads two database files that services have open, and prints what it checked', async () => {
  const { files } = await rightDatabases()
  const summary = `0 findings in ${files.users} and ${files.orders}`
  expect(await auditFiles(files, { settled: true })).toEqual({ clean: true, said: [`${summary} (${right})`] })

  const journal = journalOf({ kind: 'deletion', userId: 'never was' })
  expect(await auditFiles(files, { acknowledged: journal })).toEqual({
    clean: false,
    said: [
      'lost-deletion: the deletion of user never was was acknowledged, but no event records it',
      `${summary.replace('0 findings', '1 finding')} (${right}, acknowledgements: 1)`,
    ],
  })
})

test('an unfinished order is a finding only after a minute, or if everything should be settled', async () => {
  const { orders, files } = await rightDatabases()
  const now = timestamp(realSystem)
  const order = { id: 'new', userId: 'eve', items: [], totalCents: 1, createdAt: now, updatedAt: now }
  await orders.write((tx) =>
    insertOrder(tx, realSystem, { ...order, status: 'pending', reason: null }, { callerId: 'eve' }),
  )
  const unfinished = (since: string) => `order-unfinished: order new has been pending since ${since}`
  expect(await auditFiles(files)).toMatchObject({ clean: true })
  expect((await auditFiles(files, { settled: true })).said[0]).toBe(unfinished(now))

  const earlier = new Date(realSystem.now() - 61_000).toISOString()
  await orders.write((tx) => tx.run('UPDATE orders SET updated_at = ? WHERE id = ?', earlier, 'new'))
  expect((await auditFiles(files)).said[0]).toBe(unfinished(earlier))
})

test('a name with an escape sequence is printed as text', async () => {
  const { users, files } = await rightDatabases()
  const evil = 'A\u001b[2J\u009b\nfound nothing'
  await users.write((tx) => tx.run('UPDATE users SET name = ?', evil))
  const { said } = await auditFiles(files, { settled: true })
  expect(said[0]).toContain('\\u009b')
  expect(said.join('')).not.toMatch(/\p{Cc}/u)
})

test('the audit names what it cannot read', async () => {
  const { files } = await rightDatabases()
  const folder = temporaryFolder()
  await temporaryDatabase(thingMigrations, { folder })
  const others = join(folder, 'test.db')
  await expect(auditFiles({ ...files, users: '/nowhere.db' })).rejects.toThrow('/nowhere.db: unable to open')
  await expect(auditFiles({ ...files, orders: others })).rejects.toThrow(`${others}: no such table: orders`)
  await expect(auditFiles(files, { acknowledged: journalOf({ kind: 'tea' }) })).rejects.toThrow('journal.jsonl:1: kind')
  await expect(auditBy({ users: files.users }, () => undefined)).rejects.toThrow('--users and --orders go together')
  await expect(auditFiles(files, { scale: true })).rejects.toThrow('either --scale, or --users and --orders')
  await expect(auditFiles(files, { kubernetes: true })).rejects.toThrow('--kubernetes goes with no other source')
})

test("npm run audit resolves relative files against the caller's folder", async () => {
  const { files } = await rightDatabases()
  const folder = dirname(files.users)
  const journal = journalOf({ kind: 'deletion', userId: 'never was' })
  const run = (...args: string[]) => {
    const command = ['--prefix', join(__dirname, '../../..'), 'run', '--silent', 'audit', '--', ...args]
    return promisify(execFile)('npm', command, { cwd: folder })
  }
  const databases = ['--users', basename(files.users), '--orders', relative(folder, files.orders)]
  expect((await run(...databases)).stdout).toContain('0 findings in ')
  await expect(run(...databases, '--acknowledged', relative(folder, journal))).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('lost-deletion'),
  })
})
