import type { Client } from 'pg'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { lockTerm, takeLease } from '@tandem/chassis/database/postgres/lease-store'
import { appendEvent, logState } from '@tandem/chassis/events/event-store'
import { Failure } from '@tandem/chassis/failure'
import { interleavings, type End } from '../../testing/interleavings'
import type { Side } from '../../testing/stepped-side'

const explore = interleavings(chassisMigrations)

/** Its holder has not renewed it in time, and does not know. */
const expired = async ({ client }: Side) => {
  await client.query(`INSERT INTO leases (name, term, holder, expires_at) VALUES ('job', 1, 'first', '2026-01-31')`)
}
const writeInTerm = ({ database, system }: Side) =>
  database.write(async (tx) => {
    if (!(await lockTerm(tx, 'job', 1))) throw new Failure('unavailable')
    await appendEvent(tx, system, { type: 'thing.done', subject: 'a', data: {} })
  })
/** Returns how many events the next holder finds. */
const takeOver = async ({ client, database }: Side) => {
  const term = await takeLease(client as Client, 'job', 'second') // it only queries
  return { term, found: term && (await logState(database.read)).unnumbered }
}
const take = ({ client }: Side) => takeLease(client as Client, 'job', 'second')
const seen = ({ outcomes }: End) => outcomes

describe('A write of the holder of a lease that has expired', () => {
  it('is there when another one has taken over, or fails, in every interleaving', async () => {
    const { inOrder, bad } = await explore({ given: expired, pair: [writeInTerm, takeOver], seen })
    expect(bad.slice(0, 1)).toEqual([])
    expect(inOrder).toMatchObject([
      [{}, { returned: { term: 2, found: 1 } }],
      [{ threw: 'unavailable' }, { returned: { term: 2, found: 0 } }],
    ])
  })

  it('would come after another one has taken over without the lock of the term', async () => {
    const without = (sql: string) => sql.replace(' FOR KEY SHARE', '')
    const { bad } = await explore({ given: expired, pair: [writeInTerm, takeOver], seen, without })
    expect(bad).toMatchObject([{ seen: [{}, { returned: { term: 2, found: 0 } }] }])
  })
})

describe('A lease', () => {
  it.each([
    ['that has expired', expired],
    ['that nobody has had', async () => undefined],
  ])('%s is taken by one of two in every interleaving', async (_state, given) => {
    const { count, bad } = await explore({ given, pair: [take, take], seen })
    expect(bad.slice(0, 1)).toEqual([])
    expect(count).toBeGreaterThan(1)
  })
})
