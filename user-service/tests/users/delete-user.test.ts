import { breakTable } from '../../../chassis/testing/broken-table'
import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { realSystem } from '@tandem/chassis/system'
import { changeUser } from '../../src/users/change-user'
import { deleteUser } from '../../src/accounts/delete-user'
import { expectInvalid, expectProblem } from '../support/problem'
import { creditOf, eventsOf, everythingStored } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

describe('DELETE /users/:id', () => {
  it('removes the user, and returns 404 the second time', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, token } = await signUp()

    const answer = await request(app).delete(`/users/${id}`).auth(token, bearer)

    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' })
    expect(await database.read.all('SELECT id FROM users')).toEqual([])
    const again = await everythingStored(database)
    expectProblem(await request(app).delete(`/users/${id}`).auth(token, bearer), 404, 'user-not-found')
    expect(await everythingStored(database)).toEqual(again)
  })

  it('lets the admin remove any user', async () => {
    const { app, database, signUp, adminToken } = await testUsers()
    const { id } = await signUp()
    await request(app)
      .delete(`/users/${id}`)
      .auth(await adminToken(), bearer)
      .expect(204)
    expect(await database.read.all('SELECT id FROM users')).toEqual([])
  })

  it('returns 404 and removes nothing if a user names another user', async () => {
    const { app, database, signUp } = await testUsers()
    const [{ token }, other] = [await signUp(), await signUp()]
    const before = await everythingStored(database)
    expectProblem(await request(app).delete(`/users/${other.id}`).auth(token, bearer), 404, 'user-not-found')
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each(['"1"', '"7", "1"', '*'])('removes the user at version 1 if If-Match is %s', async (tag) => {
    const { app, database, signUp } = await testUsers()
    const { id, token } = await signUp()
    await request(app).delete(`/users/${id}`).auth(token, bearer).set('If-Match', tag).expect(204)
    expect(await database.read.all('SELECT id FROM users')).toEqual([])
  })

  it.each(['"1"', 'W/"2"', '"1", "3"'])(
    'returns 412 and keeps the user at version 2 if If-Match is %s',
    async (tag) => {
      const { app, database, signUp } = await testUsers()
      const { id, token } = await signUp()
      await request(app).patch(`/users/${id}`).auth(token, bearer).send({ name: 'Ada Lovelace' }).expect(200)
      const before = await everythingStored(database)
      const answer = await request(app).delete(`/users/${id}`).auth(token, bearer).set('If-Match', tag)
      expectProblem(answer, 412, 'precondition-failed')
      expect(await everythingStored(database)).toEqual(before)
    },
  )

  it('keeps the user if its version changes between the request and the deletion', async () => {
    const { database, signUp } = await testUsers()
    const { id } = await signUp()
    const deps = { database, system: realSystem }
    const [changed, deleted] = await Promise.allSettled([
      changeUser(deps, id, { name: 'Ada Lovelace' }, [1]),
      deleteUser(deps, id, [1]),
    ])
    expect(changed.status).toBe('fulfilled')
    expect(deleted).toMatchObject({ status: 'rejected', reason: { code: 'precondition-failed' } })
    expect(await database.read.all('SELECT name, version FROM users')).toEqual([{ name: 'Ada Lovelace', version: 2 }])
  })

  it('returns 404 and not 412 if there is no such user', async () => {
    const { app, adminToken } = await testUsers()
    const token = await adminToken()
    for (const tag of ['"1"', '*']) {
      const answer = await request(app).delete(`/users/${randomUUID()}`).auth(token, bearer).set('If-Match', tag)
      expectProblem(answer, 404, 'user-not-found')
    }
  })

  it('returns 400 and removes nothing if If-Match is malformed or another precondition is given', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, token } = await signUp()
    const before = await everythingStored(database)
    for (const [header, value] of [
      ['If-Match', '1'],
      ['If-None-Match', '"1"'],
      ['If-Unmodified-Since', 'Mon, 07 Sep 2026 00:00:00 GMT'],
    ] as const) {
      const answer = await request(app).delete(`/users/${id}`).auth(token, bearer).set(header, value)
      expectInvalid(answer, `/header/${header.toLowerCase()}`)
    }
    expect(await everythingStored(database)).toEqual(before)
  })

  it('returns 400 for an id that is not a UUID', async () => {
    const { app, adminToken } = await testUsers()
    const answer = await request(app)
      .delete('/users/1')
      .auth(await adminToken(), bearer)
    expectInvalid(answer, '/path/id')
  })

  it('revokes the API key, and leaves other keys valid', async () => {
    const { app, database, signUp } = await testUsers()
    const [ada, bob] = [await signUp(), await signUp()]
    await request(app).delete(`/users/${ada.id}`).auth(ada.token, bearer).expect(204)
    expectProblem(await request(app).post('/tokens').auth(ada.apiKey, bearer), 401, 'unauthenticated')
    await request(app).post('/tokens').auth(bob.apiKey, bearer).expect(200)
    expect(await database.read.all('SELECT subject FROM api_keys')).toEqual([{ subject: bob.id }])
  })

  it('returns 404 to a valid token of the deleted user', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, apiKey, token } = await signUp()
    await request(app).delete(`/users/${id}`).auth(token, bearer).expect(204)
    expectProblem(await request(app).get(`/users/${id}`).auth(token, bearer), 404, 'user-not-found')
    expectProblem(await request(app).post(`/users/${id}/keys`).auth(apiKey, bearer), 401, 'unauthenticated')
    expect(await database.read.all('SELECT subject FROM api_keys')).toEqual([])
  })

  it("removes active holds, and keeps refusals, tombstones, deposits and other users' holds", async () => {
    const { app, database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const [ada, bob] = [await signUp(), await signUp()]
    const [held, refused, released, never, bobs] = Array.from({ length: 5 }, () => randomUUID())
    await hold(ada.id, held!, 100)
    await hold(ada.id, refused!, 5000)
    await hold(ada.id, released!, 200)
    await release(ada.id, released!)
    await release(ada.id, never!)
    await hold(bob.id, bobs!, 300)
    const deposits = await database.read.all('SELECT * FROM deposits ORDER BY id')

    await request(app).delete(`/users/${ada.id}`).auth(ada.token, bearer).expect(204)

    expect(await database.read.all('SELECT user_id, order_id, state FROM holds ORDER BY state, order_id')).toEqual([
      { user_id: bob.id, order_id: bobs, state: 'held' },
      { user_id: ada.id, order_id: refused, state: 'refused' },
      ...[released, never].sort().map((order_id) => ({ user_id: ada.id, order_id, state: 'released' })),
    ])
    expect(await database.read.all('SELECT * FROM deposits ORDER BY id')).toEqual(deposits)
    expect(await creditOf(database, bob.id)).toBe(400)
  })

  it('removes the name from every event of the user, and adds a user.deleted event', async () => {
    const { app, database, signUp } = await testUsers()
    const [ada, bob] = [await signUp({ name: 'Ada' }), await signUp({ name: 'Bob' })]
    const updated = JSON.stringify({ id: ada.id, name: 'Ada Lovelace', version: 2 })
    await database.write(async (tx) => {
      await tx.run('UPDATE users SET version = 2 WHERE id = ?', ada.id)
      await tx.run(
        `INSERT INTO events (sequence, id, type, subject, time, data)
         VALUES (3, ?, 'user.updated', ?, '2026-01-01T00:00:00.000Z', ?)`,
        randomUUID(),
        ada.id,
        updated,
      )
    })
    const before = await database.read.all<{ id: string }>('SELECT sequence, id, type, subject, time FROM events')

    await request(app).delete(`/users/${ada.id}`).auth(ada.token, bearer).expect(204)

    expect(await eventsOf(database, ada.id)).toEqual([
      { type: 'user.created', data: { id: ada.id, name: null, version: 1 } },
      { type: 'user.updated', data: { id: ada.id, name: null, version: 2 } },
      { type: 'user.deleted', data: { id: ada.id, name: null, version: 3 } },
    ])
    expect(await eventsOf(database, bob.id)).toEqual([
      { type: 'user.created', data: { id: bob.id, name: 'Bob', version: 1 } },
    ])
    const after = await database.read.all('SELECT sequence, id, type, subject, time FROM events ORDER BY sequence')
    expect(after.slice(0, -1)).toEqual(before)
  })

  it('frees the e-mail address for a new user with another id', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, token } = await signUp({ email: 'ada@example.com' })
    await request(app).delete(`/users/${id}`).auth(token, bearer).expect(204)
    const again = await signUp({ email: 'ADA@example.com' })
    expect(again.id).not.toBe(id)
    expect(await database.read.all('SELECT id FROM users')).toEqual([{ id: again.id }])
  })

  it.each(['INSERT', 'UPDATE'] as const)('removes nothing if an %s into the log fails', async (statement) => {
    const { app, database, signUp, hold } = await testUsers()
    const { id, token } = await signUp()
    await hold(id, randomUUID(), 100)
    await breakTable(database, statement, 'events')
    const before = await everythingStored(database)
    expectProblem(await request(app).delete(`/users/${id}`).auth(token, bearer), 500, 'internal')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('removes the user once for ten concurrent requests', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, token } = await signUp()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => request(app).delete(`/users/${id}`).auth(token, bearer)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(9).fill(404)])
    expect((await eventsOf(database, id)).map(({ type }) => type)).toEqual(['user.created', 'user.deleted'])
  })
})
