import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { expectInvalid } from '../support/problem'
import { creditOf, everythingStored } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

const key = 'a-key-of-ours'

describe('POST /users/:id/deposits', () => {
  it('returns 400 and adds nothing if it has a precondition', async () => {
    const { app, database, signUp, adminToken } = await testUsers()
    const { id } = await signUp()
    const before = await everythingStored(database)
    const asked = request(app)
      .post(`/users/${id}/deposits`)
      .auth(await adminToken(), bearer)
    const answer = await asked.set('Idempotency-Key', 'deposit-1').set('If-Match', '"2"').send({ amountCents: 5 })
    expectInvalid(answer, '/header/if-match')
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each([1, 1_000_000_000])('accepts %d cents', async (amountCents) => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 0 })
    const { id } = await signUp()
    expect((await deposit(id, amountCents)).status).toBe(201)
    expect(await creditOf(database, id)).toBe(amountCents)
  })

  it.each([
    '0',
    '-0',
    '-1',
    '1000000001',
    '0.5',
    '100.01',
    '9007199254740993',
    '1e400',
    '-1e400',
    '"100"',
    'true',
    'null',
    '[100]',
    '{}',
  ])('returns 400 for %s cents', async (amount) => {
    const { app, database, signUp, adminToken } = await testUsers()
    const { id } = await signUp()
    const before = await everythingStored(database)
    const answer = await request(app)
      .post(`/users/${id}/deposits`)
      .auth(await adminToken(), bearer)
      .set('Idempotency-Key', key)
      .type('json')
      .send(`{"amountCents":${amount}}`)
    expectInvalid(answer, '/amountCents')
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each([
    ['no amount', {}, '/amountCents'],
    ['an unknown field', { amountCents: 1, userId: randomUUID() }, '/userId'],
    ['an array', [1], ''],
  ])('returns 400 for a body with %s', async (_situation, body, pointer) => {
    const { app, database, signUp, adminToken } = await testUsers()
    const { id } = await signUp()
    const before = await everythingStored(database)
    const answer = await request(app)
      .post(`/users/${id}/deposits`)
      .auth(await adminToken(), bearer)
      .set('Idempotency-Key', key)
      .send(body)
    expectInvalid(answer, pointer)
    expect(await everythingStored(database)).toEqual(before)
  })

  it('returns 400 that names the header if the key is missing', async () => {
    const { app, database, signUp, adminToken } = await testUsers()
    const { id } = await signUp()
    const before = await everythingStored(database)
    for (const user of [id, randomUUID()]) {
      const answer = await request(app)
        .post(`/users/${user}/deposits`)
        .auth(await adminToken(), bearer)
        .send({ amountCents: 1 })
      expectInvalid(answer, '/header/idempotency-key')
    }
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each(['', '""', 'k'.repeat(7), 'k'.repeat(256), 'with a blank', `"${key}`, `${key}"`, `'${key}'`, 'a/b/c/d/e'])(
    'refuses the key <%s>',
    async (malformed) => {
      const { database, signUp, deposit } = await testUsers()
      const { id } = await signUp()
      const before = await everythingStored(database)
      expectInvalid(await deposit(id, 1, malformed), '/header/idempotency-key')
      expect(await everythingStored(database)).toEqual(before)
    },
  )

  it.each(['k'.repeat(8), 'k'.repeat(255), 'Az09_.:-'])('accepts the key %s', async (wellFormed) => {
    const { signUp, deposit } = await testUsers()
    const { id } = await signUp()
    expect((await deposit(id, 1, wellFormed)).status).toBe(201)
  })

  it('returns 400 for an id that is not a UUID', async () => {
    const { deposit } = await testUsers()
    expectInvalid(await deposit('1', 1), '/path/id')
  })
})
