import { breakTable } from '../../../chassis/testing/broken-table'
import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { expectInvalid, expectProblem } from '../support/problem'
import { creditOf, everythingStored, holdStates, usersOutOfBalance } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

describe('DELETE /users/:id/holds/:orderId', () => {
  it('releases the credit and leaves a tombstone', async () => {
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

  it('releases the credit once, however often it is repeated', async () => {
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

  it('refuses a repeated hold after its release', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    await hold(id, orderId, 250)
    await release(id, orderId)
    const before = await everythingStored(database)
    expectProblem(await hold(id, orderId, 250), 409, 'hold-released')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('refuses a late hold if its release came first', async () => {
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

  it('returns 409 and releases nothing if the hold belongs to another user', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const [ada, bob] = [await signUp(), await signUp()]
    const orderId = randomUUID()
    await hold(ada.id, orderId, 250)
    const before = await everythingStored(database)
    for (const other of [bob.id, randomUUID()]) expectProblem(await release(other, orderId), 409, 'hold-mismatch')
    expect(await everythingStored(database)).toEqual(before)
    expect((await hold(ada.id, orderId, 250)).status).toBe(200)
  })

  it('leaves a tombstone for an unknown user, and for one deleted with its hold', async () => {
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

  it('returns 400 for ids that are not UUIDs', async () => {
    const { release } = await testUsers()
    expectInvalid(await release('1', '2'), '/path/id', '/path/orderId')
  })

  it('keeps the hold if the credit cannot be written', async () => {
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
