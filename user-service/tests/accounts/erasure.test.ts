import { randomUUID } from 'node:crypto'
import request from 'supertest'
import type { Database } from '@tandem/chassis/database/database'
import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { countWrites } from '../../../chassis/testing/count-writes'
import { afterThisTest, eventually } from '../../../chassis/testing/temporary'
import { readableLog } from '../../../chassis/testing/test-app'
import { Eraser } from '../../src/accounts/erasure'
import { addHistory, remains } from '../support/history'
import { breakTable } from '../../../chassis/testing/broken-table'
import { bearer, testUsers } from '../support/user-app'

const much = { events: 450, holds: 350 }

/** A user with more events and holds than one transaction should write, and another one with some. */
async function usersWithMuch() {
  const users = await testUsers()
  const [ada, bob] = [await users.signUp({ name: 'Ada' }), await users.signUp({ name: 'Bob' })]
  await addHistory(users.database, ada.id, much)
  await addHistory(users.database, bob.id, { events: 5, holds: 5 })
  const deleteAda = () => request(users.app).delete(`/users/${ada.id}`).auth(ada.token, bearer)
  return { ...users, ada, bob, deleteAda }
}

function startEraser(database: Database, log = silentLog): Eraser {
  const eraser = new Eraser({ database, system: realSystem, log })
  afterThisTest(() => eraser.stop())
  eraser.start()
  return eraser
}

describe('A deleted user with more events and holds than fit in one transaction', () => {
  it('is gone at once with its key, and its name is no longer shown', async () => {
    const { app, database, ada, deleteAda, serviceToken } = await usersWithMuch()
    await deleteAda().expect(204)

    expect((await remains(database, ada.id)).names).toBeGreaterThan(0)
    await request(app).post('/tokens').auth(ada.apiKey, bearer).expect(401)
    const { body: events } = await request(app)
      .get('/events?limit=1000')
      .auth(await serviceToken(), bearer)
      .expect(200)
    const adas = events.filter(({ subject }: { subject: string }) => subject === ada.id)
    expect(adas).toHaveLength(much.events + 2) // user.created and user.deleted too
    expect(adas.filter(({ data }: { data: { name: unknown } }) => data.name !== null)).toEqual([])
  })

  it('can have no credit held from then on', async () => {
    const { ada, deleteAda, hold } = await usersWithMuch()
    await deleteAda().expect(204)
    expect((await hold(ada.id, randomUUID(), 1)).body.code).toBe('user-not-found')
  })

  it('is erased completely in the background, and other users are untouched', async () => {
    const { database, ada, bob, deleteAda } = await usersWithMuch()
    const before = await remains(database, bob.id)
    await deleteAda().expect(204)
    const { log, lines } = readableLog()
    startEraser(database, log)
    await eventually(async () => (await remains(database, ada.id)).redactions === 0)
    expect(await remains(database, ada.id)).toEqual({ names: 0, held: 0, redactions: 0 })
    expect(await remains(database, bob.id)).toEqual(before)
    expect(lines).toEqual([expect.objectContaining({ level: 30, userId: ada.id, msg: 'user erased' })])
  })

  it('keeps its refusals and tombstones', async () => {
    const { database, ada, deleteAda, hold, release } = await usersWithMuch()
    const [refused, released] = [randomUUID(), randomUUID()]
    await hold(ada.id, refused, 1_000_000_000)
    await release(ada.id, released)
    await deleteAda().expect(204)
    startEraser(database)
    await eventually(async () => (await remains(database, ada.id)).redactions === 0)
    const rows = await database.read.all('SELECT order_id, state FROM holds WHERE user_id = ? ORDER BY state', ada.id)
    expect(rows).toEqual([
      { order_id: refused, state: 'refused' },
      { order_id: released, state: 'released' },
    ])
  })

  it('is erased in transactions of at most a few hundred rows', async () => {
    const { database, ada, deleteAda } = await usersWithMuch()
    const counted = countWrites()
    await deleteAda().expect(204)
    const afterDeletion = await remains(database, ada.id)
    expect(much.events + 1 - afterDeletion.names).toBeLessThanOrEqual(100)
    expect(much.holds - afterDeletion.held).toBeLessThanOrEqual(100)
    startEraser(counted.wrap(database))
    await eventually(async () => (await remains(database, ada.id)).redactions === 0)
    expect(counted.maxRows()).toBeGreaterThan(0)
    expect(counted.maxRows()).toBeLessThanOrEqual(300)
  })

  it('is erased once a failing database has recovered', async () => {
    const { database, ada, deleteAda } = await usersWithMuch()
    await deleteAda().expect(204)
    const { log, lines } = readableLog()
    const broken = await breakTable(database, 'UPDATE', 'events')
    const left = await remains(database, ada.id)
    startEraser(database, log)
    await eventually(() => lines.length > 0)
    expect(lines[0]).toMatchObject({ level: 50, msg: 'erasing failed' })
    expect(await remains(database, ada.id)).toEqual(left)
    await broken.mend()
    await eventually(async () => (await remains(database, ada.id)).redactions === 0)
    expect(await remains(database, ada.id)).toEqual({ names: 0, held: 0, redactions: 0 })
  })
})
