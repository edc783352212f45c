import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { expectInvalid } from '../support/problem'
import { creditOf, everythingStored, holdStates, usersOutOfBalance } from '../support/stored'
import { bearer, testUsers, type TestUsers } from '../support/user-app'

async function holdAll({ app, serviceToken }: TestUsers, holds: unknown) {
  return request(app)
    .post('/holds')
    .auth(await serviceToken(), bearer)
    .send({ holds })
}

describe('POST /holds', () => {
  it('decides on each hold as if it were alone, in the order of the request', async () => {
    const users = await testUsers({ signupCreditCents: 700 })
    const [ada, bob] = [await users.signUp(), await users.signUp()]
    const released = randomUUID()
    await users.release(ada.id, released)
    const before = randomUUID()
    await users.hold(bob.id, before, 100)
    const [first, second, third, fourth] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]

    const answer = await holdAll(users, [
      { orderId: first, userId: bob.id, amountCents: 600 },
      { orderId: second, userId: ada.id, amountCents: 701 },
      { orderId: third, userId: randomUUID(), amountCents: 1 },
      { orderId: released, userId: ada.id, amountCents: 1 },
      { orderId: before, userId: bob.id, amountCents: 99 },
      { orderId: before, userId: bob.id, amountCents: 100 },
      { orderId: fourth, userId: ada.id, amountCents: 700 },
      { orderId: fourth.toUpperCase(), userId: ada.id.toUpperCase(), amountCents: 700 },
    ])

    expect(answer.status).toBe(200)
    expect(answer.body.decisions).toEqual([
      { orderId: first, decision: 'held' },
      { orderId: second, decision: 'insufficient-credit' },
      { orderId: third, decision: 'user-not-found' },
      { orderId: released, decision: 'hold-released' },
      { orderId: before, decision: 'hold-mismatch' },
      { orderId: before, decision: 'held' },
      { orderId: fourth, decision: 'held' },
      { orderId: fourth, decision: 'held' },
    ])
    expect([await creditOf(users.database, ada.id), await creditOf(users.database, bob.id)]).toEqual([0, 0])
    expect((await holdStates(users.database)).toSorted()).toEqual(['held', 'held', 'held', 'refused', 'released'])
    expect(await usersOutOfBalance(users.database)).toEqual([])
  })

  it('changes nothing the second time', async () => {
    const users = await testUsers({ signupCreditCents: 700 })
    const { id: userId } = await users.signUp()
    const holds = [500, 300].map((amountCents) => ({ orderId: randomUUID(), userId, amountCents }))
    const first = await holdAll(users, holds)
    const stored = await everythingStored(users.database)
    const again = await holdAll(users, holds.toReversed())
    expect(again.body.decisions).toEqual(first.body.decisions.toReversed())
    expect(await everythingStored(users.database)).toEqual(stored)
  })

  const hold = { orderId: randomUUID(), userId: randomUUID(), amountCents: 1 }
  it.each([
    ['none', [], '/holds'],
    ['101', Array.from({ length: 101 }, () => ({ ...hold, orderId: randomUUID() })), '/holds'],
    ['one without an amount', [hold, { ...hold, amountCents: 0 }], '/holds/1/amountCents'],
    ['one of no user', [{ ...hold, userId: 'ada' }], '/holds/0/userId'],
    ['one with an unknown field', [{ ...hold, currency: 'EUR' }], '/holds/0/currency'],
  ])('returns 400 for %s, and stores nothing', async (_, holds, pointer) => {
    const users = await testUsers()
    const before = await everythingStored(users.database)
    expectInvalid(await holdAll(users, holds), pointer)
    expect(await everythingStored(users.database)).toEqual(before)
  })
})
