import { realSystem } from '@tandem/chassis/system'
import { eventually, temporaryFolder } from '../../../chassis/testing/temporary'
import { storedIn } from '../../../chassis/testing/temporary-database'
import { FakeUserService } from '../support/fake-user-service'
import { keyboard } from '../support/order-app'
import { dyingIn, killable, nextLife } from './lives'

/** What the database says of users and orders, whoever writes to it. */
function stored(folder: string) {
  return storedIn(folder, async (queries) => {
    const all = async (sql: string) => (await queries.all<Record<string, unknown>>(sql)).map((row) => ({ ...row }))
    const atTheLast = 'SELECT feed FROM followed_feeds WHERE last_event_id = (SELECT MAX(event_id) FROM seen_events)'
    return {
      copies: await all('SELECT name, version, changes FROM user_copies ORDER BY id'),
      orders: await all('SELECT status, reason FROM orders'),
      events: (await all('SELECT type FROM events ORDER BY id')).map(({ type }) => type),
      seen: (await all('SELECT event_id FROM seen_events')).length,
      behindTheLast: (await all(atTheLast)).length,
    }
  })
}

describe('order-service killed while it applies events of a user', () => {
  const untouched = {
    copies: [{ name: 'Ada', version: 1, changes: 1 }],
    orders: [{ status: 'pending', reason: null }],
    events: ['order.pending'],
    seen: 1,
    behindTheLast: 1,
  }
  const taken = {
    copies: [{ name: null, version: 3, changes: 3 }],
    orders: [{ status: 'rejected', reason: 'user-not-found' }],
    events: ['order.pending', 'order.rejected'],
    seen: 3,
    behindTheLast: 1,
  }

  it.each([
    ['before the commit', 'commit:1', untouched],
    ['after the commit', 'committed:1', taken],
  ])('%s: applies each event once', async (_, point, left) => {
    const folder = temporaryFolder()
    const fake = await FakeUserService.start()
    const id = fake.user()
    await fake.publish('user.created', { id, name: 'Ada', version: 1 })
    const life = await killable(folder, fake, point)
    await eventually(async () => (await stored(folder)).copies.length === 1)
    fake.before = () => 'silence' // so that the order is pending, and for a second nothing but events is written down
    const headers = { authorization: `Bearer ${await fake.token(id)}`, 'content-type': 'application/json' }
    const placing = fetch(`${life.url}/orders`, { method: 'POST', headers, body: JSON.stringify(keyboard) })
    const cut = expect(placing).rejects.toThrow()
    await eventually(() => fake.requests.length === 1)

    await dyingIn(life, () =>
      Promise.all([
        fake.publish('user.updated', { id, name: 'Countess', version: 2 }),
        fake.publish('user.deleted', { id, name: null, version: 3 }),
        cut,
      ]),
    )
    expect(await stored(folder)).toEqual(left)

    fake.before = () => ({ status: 400 }) // it is the event that rejects the order
    await nextLife(folder, fake)
    await fake.publish('user.created', { id: realSystem.newId(), name: 'Bob', version: 1 })
    await eventually(async () => (await stored(folder)).copies.length === 2, 15_000) // once the lease of the killed one is over
    const copies = [...taken.copies, { name: 'Bob', version: 1, changes: 1 }]
    expect(await stored(folder)).toEqual({ ...taken, copies, seen: 4 })
  })
})
