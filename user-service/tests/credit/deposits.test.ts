import { breakTable } from '../../../chassis/testing/broken-table'
import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { addCredit } from '../../src/credit/deposit-store'
import { expectInvalid, expectProblem } from '../support/problem'
import { creditOf, everythingStored, usersOutOfBalance } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

const key = 'a-key-of-ours'

describe('POST /users/:id/deposits', () => {
  it('adds to the credit and stores the deposit with its key', async () => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 0, system: new VirtualSystem() })
    const { id } = await signUp()

    const answer = await deposit(id, 250, key)

    const createdAt = '2026-01-01T00:00:00.000Z'
    expect(answer.status).toBe(201)
    expect(answer.headers).not.toHaveProperty('idempotent-replayed')
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/),
      userId: id,
      amountCents: 250,
      creditCents: 250,
      createdAt,
    })
    expect(await database.read.all('SELECT * FROM deposits')).toEqual([
      {
        id: answer.body.id,
        user_id: id,
        amount_cents: 250,
        credit_cents: 250,
        made_by: 'admin',
        idempotency_key: key,
        created_at: createdAt,
      },
    ])
    expect(await creditOf(database, id)).toBe(250)
    expect(await database.read.all('SELECT type FROM events')).toEqual([{ type: 'user.created' }])
  })

  it('adds to this user only, on top of its credit', async () => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 700 })
    const [ada, bob] = [await signUp(), await signUp()]
    expect((await deposit(ada.id, 1)).body.creditCents).toBe(701)
    expect((await deposit(ada.id, 2)).body.creditCents).toBe(703)
    expect(await creditOf(database, bob.id)).toBe(700)
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('returns the same deposit for a repeated key, even if the credit has changed since', async () => {
    const { database, signUp, deposit, hold } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const first = await deposit(id, 250, key)
    await hold(id, randomUUID(), 100)
    const before = await everythingStored(database)

    const again = await deposit(id, 250, key)

    expect(again.status).toBe(200)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.body).toEqual(first.body)
    expect(await everythingStored(database)).toEqual(before)
  })

  it('treats a key in double quotes as the same key', async () => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 0 })
    const { id } = await signUp()
    const first = await deposit(id, 250, `"${key}"`)
    const again = await deposit(id, 250, key)
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(first.body)
    expect(await creditOf(database, id)).toBe(250)
  })

  it('returns 422 and changes nothing for a repeated key with another amount or user', async () => {
    const { database, signUp, deposit } = await testUsers()
    const [ada, bob] = [await signUp(), await signUp()]
    await deposit(ada.id, 250, key)
    const before = await everythingStored(database)
    expectProblem(await deposit(ada.id, 251, key), 422, 'idempotency-key-reused')
    expectProblem(await deposit(bob.id, 250, key), 422, 'idempotency-key-reused')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('accepts a key that another caller has used', async () => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 0 })
    const { id } = await signUp()
    await deposit(id, 250, key)
    await database.write((tx) => tx.run("UPDATE deposits SET made_by = 'another admin'"))
    expect((await deposit(id, 250, key)).status).toBe(201)
    expect(await creditOf(database, id)).toBe(500)
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('makes one deposit for thirty concurrent requests with one key', async () => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 0 })
    const { id } = await signUp()

    const answers = await Promise.all(Array.from({ length: 30 }, () => deposit(id, 250, key)))

    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(29).fill(200), 201])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(await database.read.all('SELECT id FROM deposits')).toEqual([{ id: answers[0]!.body.id }])
    expect(await creditOf(database, id)).toBe(250)
  })

  it('makes thirty deposits for thirty concurrent requests with different keys', async () => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 0 })
    const { id } = await signUp()
    const answers = await Promise.all(Array.from({ length: 30 }, () => deposit(id, 250)))
    expect(answers.every(({ status }) => status === 201)).toBe(true)
    expect(await creditOf(database, id)).toBe(7500)
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('returns 404 for an unknown or deleted user, even for a repeated key', async () => {
    const { app, database, signUp, deposit } = await testUsers()
    const { id, token } = await signUp()
    await deposit(id, 250, key)
    await request(app).delete(`/users/${id}`).auth(token, bearer).expect(204)
    const before = await everythingStored(database)
    expectProblem(await deposit(randomUUID(), 250), 404, 'user-not-found')
    expectProblem(await deposit(id, 250, key), 404, 'user-not-found')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('lets credit and holds together grow to 2^53-1, and not beyond', async () => {
    const { database, signUp, deposit } = await testUsers({ signupCreditCents: 0 })
    const [{ id }, other] = [await signUp(), await signUp()]
    const earlier = Number.MAX_SAFE_INTEGER - 500 // as after nine million deposits
    await database.write((tx) => tx.run('UPDATE users SET deposited_cents = ? WHERE id = ?', earlier, id))
    const before = await everythingStored(database)

    expectInvalid(await deposit(id, 501), '/amountCents')
    expect(await everythingStored(database)).toEqual(before)
    expect((await deposit(id, 500)).status).toBe(201)
    expectInvalid(await deposit(id, 1), '/amountCents')
    expect(await creditOf(database, id)).toBe(500)
    expect((await deposit(other.id, 501)).status).toBe(201)
  })

  it('adds to the credit without reading earlier deposits', async () => {
    const { database, signUp } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    await database.write((tx) => tx.run('DROP TABLE deposits'))
    expect(await database.write((tx) => addCredit(tx, id, 250))).toBe(950)
  })

  it('changes no credit if the deposit cannot be written', async () => {
    const { database, signUp, deposit } = await testUsers()
    const { id } = await signUp()
    await breakTable(database, 'INSERT', 'deposits')
    const before = await everythingStored(database)
    expectProblem(await deposit(id, 250), 500, 'internal')
    expect(await everythingStored(database)).toEqual(before)
  })
})
