import { chassisMigrations as migrations } from '@tandem/chassis/database/chassis-migrations'
import { rotateKeys } from '@tandem/chassis/operations/rotate-keys'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest, temporaryFolder } from '../../testing/temporary'

test('rotate-keys makes nothing in a database that no service has made', async () => {
  const { url, drop } = await createDatabase(testServer!, temporaryFolder())
  afterThisTest(drop)
  const rotating = rotateKeys({ config: { databaseUrl: url, root: '/' }, migrations })
  await expect(rotating).rejects.toThrow('this database was not made by a service')
})
