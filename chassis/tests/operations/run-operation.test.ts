import { OperatorError } from '@tandem/chassis/failure'
import { eventRecords } from '@tandem/chassis/operations/event-records-store'
import { runOperation } from '@tandem/chassis/operations/run-operation'
import { temporaryFolder } from '@tandem/chassis/testing/temporary'

function things(databaseUrl: string) {
  const config = { databaseUrl, databasePasswordFile: undefined, root: temporaryFolder() }
  return { name: 'things', config, migrations: [], readRecords: eventRecords }
}

test.each([undefined, '', 'backup', 'reconcile'])(
  'the command %p names the commands that the service has',
  async (command) => {
    await expect(runOperation(command, things('sqlite:./test.db'))).rejects.toEqual(
      new OperatorError('which command? One of back-up, restore, print-records, rotate-keys'),
    )
  },
)

test.each([
  ['back-up', 'pg_dump'],
  ['restore', 'pg_restore'],
])('%s is refused on PostgreSQL, and names %s and the page that shows how', async (command, program) => {
  await expect(runOperation(command, things('postgres://u@h/d'))).rejects.toEqual(
    new OperatorError(`${command} is for a file of SQLite: with PostgreSQL use ${program}, see docs/operating.md`),
  )
})
