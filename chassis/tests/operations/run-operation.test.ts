import { OperatorError } from '@tandem/chassis/failure'
import { eventRecords } from '@tandem/chassis/operations/event-records-store'
import { runOperation } from '@tandem/chassis/operations/run-operation'
import { temporaryFolder } from '@tandem/chassis/testing/temporary'

test.each([undefined, '', 'backup', 'reconcile'])(
  'the command %p names the commands that the service has',
  async (command) => {
    const service = {
      databaseUrl: 'sqlite:./test.db',
      root: temporaryFolder(),
      migrations: [],
      readRecords: eventRecords,
    }
    await expect(runOperation(command, service)).rejects.toEqual(
      new OperatorError('which command? One of back-up, restore, print-records, rotate-keys'),
    )
  },
)

test.each(['back-up', 'restore', 'print-records', 'reconcile'])(
  '%s is refused on PostgreSQL, and names what is for that',
  async (command) => {
    const databaseUrl = 'postgres://u@h/d'
    const reconcile = () => Promise.resolve()
    const service = { databaseUrl, root: temporaryFolder(), migrations: [], readRecords: eventRecords, reconcile }
    await expect(runOperation(command, service)).rejects.toEqual(
      new OperatorError(`${command} is for a file of SQLite; use pg_dump and pg_restore on PostgreSQL`),
    )
  },
)
