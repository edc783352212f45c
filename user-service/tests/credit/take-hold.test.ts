import { breakTable } from '../../../chassis/testing/broken-table'
import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { expectInvalid, expectProblem } from '../support/problem'
import { creditOf, everythingStored, holdStates, usersOutOfBalance } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

describe('PUT /users/:id/holds/:orderId', () => {
  it('returns 201, holds the credit and stores the hold', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 700, system: new VirtualSystem() })
    const { id } = await signUp()
    const orderId = randomUUID()

    const answer = await hold(id, orderId, 250)

    expect(answer.status).toBe(201)
    expect(answer.body).toEqual({ orderId, userId: id, amountCents: 250 })
    expect(await database.read.all('SELECT * FROM holds')).toEqual([
      { order_id: orderId, user_id: id, state: 'held', amount_cents: 250, decided_at: '2026-01-01T00:00:00.000Z' },
    ])
    expect(await creditOf(database, id)).toBe(450)
    expect(await usersOutOfBalance(database)).toEqual([])
    expect(await database.read.all('SELECT type FROM events')).toEqual([{ type: 'user.created' }])
  })

  it('returns 200 and holds nothing more for a repeated request', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    const first = await hold(id, orderId, 250)
    const before = await everythingStored(database)
    const again = await hold(id.toUpperCase(), orderId.toUpperCase(), 250)
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: first.body })
    expect(await everythingStored(database)).toEqual(before)
  })

  it('holds all available credit, to the last cent', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    expect((await hold(id, randomUUID(), 700)).status).toBe(201)
    expect(await creditOf(database, id)).toBe(0)
    expectProblem(await hold(id, randomUUID(), 1), 402, 'insufficient-credit')
  })

  it('returns 402, stores the refusal and holds nothing if the credit is too low', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    expectProblem(await hold(id, orderId, 701), 402, 'insufficient-credit')
    expect(await database.read.all('SELECT order_id, state, amount_cents FROM holds')).toEqual([
      { order_id: orderId, state: 'refused', amount_cents: 701 },
    ])
    expect(await creditOf(database, id)).toBe(700)
  })

  it('refuses for ever what it refused once, whatever the credit or the amount is later', async () => {
    const { database, signUp, hold, deposit } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    await hold(id, orderId, 701)
    await deposit(id, 10_000)
    const before = await everythingStored(database)
    expectProblem(await hold(id, orderId, 701), 402, 'insufficient-credit')
    expectProblem(await hold(id, orderId, 1), 402, 'insufficient-credit')
    expect(await everythingStored(database)).toEqual(before)
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('still refuses after a release of a refused hold, which releases nothing', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    await hold(id, orderId, 701)
    expect((await release(id, orderId)).status).toBe(204)
    expectProblem(await hold(id, orderId, 1), 402, 'insufficient-credit')
    expect(await creditOf(database, id)).toBe(700)
    expect(await holdStates(database)).toEqual(['refused'])
  })

  it('returns 409 for another amount or another user if the order has a hold', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 700 })
    const [ada, bob] = [await signUp(), await signUp()]
    const orderId = randomUUID()
    await hold(ada.id, orderId, 250)
    const before = await everythingStored(database)
    expectProblem(await hold(ada.id, orderId, 249), 409, 'hold-mismatch')
    expectProblem(await hold(ada.id, orderId, 10_000), 409, 'hold-mismatch')
    expectProblem(await hold(bob.id, orderId, 250), 409, 'hold-mismatch')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('returns 404 and stores nothing for an unknown user', async () => {
    const { app, database, signUp, hold } = await testUsers()
    const { id, token } = await signUp()
    await request(app).delete(`/users/${id}`).auth(token, bearer).expect(204)
    for (const user of [randomUUID(), id]) expectProblem(await hold(user, randomUUID(), 250), 404, 'user-not-found')
    expect(await holdStates(database)).toEqual([])
  })

  it('returns 404 for a user deleted with its hold, and for an unknown user of a held order', async () => {
    const { app, database, signUp, hold } = await testUsers()
    const [ada, bob] = [await signUp(), await signUp()]
    const [adasOrder, bobsOrder] = [randomUUID(), randomUUID()]
    await hold(ada.id, adasOrder, 250)
    await hold(bob.id, bobsOrder, 250)
    await request(app).delete(`/users/${ada.id}`).auth(ada.token, bearer).expect(204)
    const before = await everythingStored(database)
    expectProblem(await hold(ada.id, adasOrder, 250), 404, 'user-not-found')
    expectProblem(await hold(randomUUID(), bobsOrder, 250), 404, 'user-not-found')
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each([1, 1_000_000_000])('accepts %d cents', async (amountCents) => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 1_000_000_000 })
    const { id } = await signUp()
    expect((await hold(id, randomUUID(), amountCents)).status).toBe(201)
    expect(await creditOf(database, id)).toBe(1_000_000_000 - amountCents)
  })

  it.each(['0', '-1', '1000000001', '0.5', '9007199254740993', '1e400', '"1"', 'null'])(
    'refuses %s cents',
    async (amount) => {
      const { app, database, signUp, serviceToken } = await testUsers()
      const { id } = await signUp()
      const before = await everythingStored(database)
      const answer = await request(app)
        .put(`/users/${id}/holds/${randomUUID()}`)
        .auth(await serviceToken(), bearer)
        .type('json')
        .send(`{"amountCents":${amount}}`)
      expectInvalid(answer, '/amountCents')
      expect(await everythingStored(database)).toEqual(before)
    },
  )

  it('returns 400 for ids that are not UUIDs and for unknown fields', async () => {
    const { app, signUp, hold, serviceToken } = await testUsers()
    const { id } = await signUp()
    expectInvalid(await hold('1', '2', 250), '/path/id', '/path/orderId')
    const answer = await request(app)
      .put(`/users/${id}/holds/${randomUUID()}`)
      .auth(await serviceToken(), bearer)
      .send({ amountCents: 1, userId: id })
    expectInvalid(answer, '/userId')
  })

  it('stores no hold if the credit cannot be written', async () => {
    const { database, signUp, hold } = await testUsers()
    const { id } = await signUp()
    await breakTable(database, 'UPDATE', 'users')
    const before = await everythingStored(database)
    expectProblem(await hold(id, randomUUID(), 250), 500, 'internal')
    expect(await everythingStored(database)).toEqual(before)
  })
})
