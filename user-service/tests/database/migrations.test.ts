import { temporaryFolder } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { migrations } from '../../src/database/migrations'

test('the migration that adds the sum of deposits computes it for each existing user', async () => {
  const folder = temporaryFolder()
  const earlier = migrations.slice(
    0,
    migrations.findIndex(({ name }) => name === 'user-service-3-deposited-cents'),
  )
  const before = await temporaryDatabase(earlier, { folder })
  await before.write(async (tx) => {
    for (const id of ['ada', 'bob'])
      await tx.run(
        `INSERT INTO users (id, name, email, email_key, credit_cents, version, created_at, updated_at)
         VALUES (?, 'Ada', ?, ?, 0, 1, '', '')`,
        id,
        id,
        id,
      )
    for (const [id, amount] of Object.entries({ first: 300, second: 200 }))
      await tx.run("INSERT INTO deposits VALUES (?, 'ada', ?, 0, NULL, NULL, '')", id, amount)
  })
  await before.close()

  const after = await temporaryDatabase(migrations, { folder })
  expect(await after.read.all('SELECT id, deposited_cents FROM users ORDER BY id')).toEqual([
    { id: 'ada', deposited_cents: 500 },
    { id: 'bob', deposited_cents: 0 },
  ])
})
