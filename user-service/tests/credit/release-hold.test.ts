import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { expectInvalid, expectProblem } from '../support/problem'
import { breakTable, creditOf, everythingStored, holdStates, usersOutOfBalance } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

describe('DELETE /users/:id/holds/:orderId', () => {
  it('gives the credit back and leaves a tombstone', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    await hold(id, orderId, 250)

    const answer = await release(id.toUpperCase(), orderId.toUpperCase())

    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' })
    expect(await creditOf(database, id)).toBe(700)
    expect(await database.read.all('SELECT order_id, user_id, state FROM holds')).toEqual([
      { order_id: orderId, user_id: id, state: 'released' },
    ])
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('gives it back once, however often it is asked', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    await hold(id, orderId, 250)
    await release(id, orderId)
    const before = await everythingStored(database)
    expect((await release(id, orderId)).status).toBe(204)
    const answers = await Promise.all(Array.from({ length: 10 }, () => release(id, orderId)))
    expect(answers.every(({ status }) => status === 204)).toBe(true)
    expect(await everythingStored(database)).toEqual(before)
    expect(await creditOf(database, id)).toBe(700)
  })

  it('refuses a hold that comes again after its release', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    await hold(id, orderId, 250)
    await release(id, orderId)
    const before = await everythingStored(database)
    expectProblem(await hold(id, orderId, 250), 409, 'hold-released')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('refuses a hold that comes late, after a release that came before it', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    expect((await release(id, orderId)).status).toBe(204)
    expect(await database.read.all('SELECT order_id, user_id, state, amount_cents FROM holds')).toEqual([
      { order_id: orderId, user_id: id, state: 'released', amount_cents: null },
    ])
    expectProblem(await hold(id, orderId, 250), 409, 'hold-released')
    expect(await creditOf(database, id)).toBe(700)
    expect(await holdStates(database)).toEqual(['released'])
  })

  it('releases nothing of another user, and says so', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const [ada, bob] = [await signUp(), await signUp()]
    const orderId = randomUUID()
    await hold(ada.id, orderId, 250)
    const before = await everythingStored(database)
    for (const other of [bob.id, randomUUID()]) expectProblem(await release(other, orderId), 409, 'hold-mismatch')
    expect(await everythingStored(database)).toEqual(before)
    expect((await hold(ada.id, orderId, 250)).status).toBe(200)
  })

  it('leaves a tombstone also for a user that is unknown, or gone with its hold', async () => {
    const { app, database, signUp, hold, release } = await testUsers()
    const { id, token } = await signUp()
    const [unknowns, gone] = [randomUUID(), randomUUID()]
    await hold(id, gone, 250)
    await request(app).delete(`/users/${id}`).auth(token, bearer).expect(204)
    expect((await release(randomUUID(), unknowns)).status).toBe(204)
    expect((await release(id, gone)).status).toBe(204)
    expect(await holdStates(database)).toEqual(['released', 'released'])
    const other = await signUp()
    for (const orderId of [unknowns, gone]) expectProblem(await hold(other.id, orderId, 250), 409, 'hold-released')
  })

  it('refuses ids that are no UUIDs', async () => {
    const { release } = await testUsers()
    expectInvalid(await release('1', '2'), '/path/id', '/path/orderId')
  })

  it('keeps the hold where the credit cannot be written', async () => {
    const { database, signUp, hold, release } = await testUsers()
    const { id } = await signUp()
    const orderId = randomUUID()
    await hold(id, orderId, 250)
    await breakTable(database, 'UPDATE', 'users')
    const before = await everythingStored(database)
    expectProblem(await release(id, orderId), 500, 'internal')
    expect(await everythingStored(database)).toEqual(before)
  })
})
