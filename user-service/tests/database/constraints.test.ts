import { randomUUID } from 'node:crypto'
import type { SqlValue } from '@tandem/chassis/database/database'
import { everythingStored } from '../support/stored'
import { testUsers } from '../support/user-app'

const now = '2026-01-01T00:00:00.000Z'
const user =
  'INSERT INTO users (id, name, email, email_key, credit_cents, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const deposit =
  'INSERT INTO deposits (id, user_id, amount_cents, credit_cents, made_by, idempotency_key, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)'
const hold = 'INSERT INTO holds (order_id, user_id, state, amount_cents, decided_at) VALUES (?, ?, ?, ?, ?)'

describe('The database itself', () => {
  it.each<[string, string, SqlValue[]]>([
    ['a credit below zero', 'UPDATE users SET credit_cents = -1', []],
    ['a credit beyond 2^53-1', 'UPDATE users SET credit_cents = 9007199254740992', []],
    ['deposits beyond 2^53-1', 'UPDATE users SET deposited_cents = 9007199254740992', []],
    ['a user without a version', 'UPDATE users SET version = 0', []],
    ['a second user of an address', user, [randomUUID(), 'Bob', 'x', 'ada@example.com', 0, 1, now, now]],
    ['a deposit of nothing', deposit, [randomUUID(), 'u', 0, 0, null, null, now]],
    ['a deposit beyond the bound', deposit, [randomUUID(), 'u', 1_000_000_001, 0, null, null, now]],
    ['a deposit that leaves less than nothing', deposit, [randomUUID(), 'u', 1, -1, null, null, now]],
    ['a second deposit of a key', deposit, [randomUUID(), 'u', 1, 1, 'admin', 'a-key-of-ours', now]],
    ['a second decision on an order', hold, ['an order', 'u', 'held', 1, now]],
    ['a decision that is none', hold, [randomUUID(), 'u', 'pending', 1, now]],
    ['a hold of nothing', hold, [randomUUID(), 'u', 'held', 0, now]],
    ['a hold beyond the bound', hold, [randomUUID(), 'u', 'held', 1_000_000_001, now]],
    ['a hold without an amount', hold, [randomUUID(), 'u', 'held', null, now]],
    ['a refusal without an amount', hold, [randomUUID(), 'u', 'refused', null, now]],
  ])('refuses %s', async (_situation, sql, values) => {
    const { database, signUp } = await testUsers()
    await signUp({ email: 'Ada@example.com' })
    await database.write(async (tx) => {
      await tx.run(deposit, randomUUID(), 'u', 1, 1, 'admin', 'a-key-of-ours', now)
      await tx.run(hold, 'an order', 'u', 'released', null, now)
    })
    const before = await everythingStored(database)
    await expect(database.write((tx) => tx.run(sql, ...values))).rejects.toThrow(/constraint/)
    expect(await everythingStored(database)).toEqual(before)
  })

  it('accepts a credit of 2^53-1 and of 0', async () => {
    const { database, signUp } = await testUsers()
    await signUp()
    for (const credit of [Number.MAX_SAFE_INTEGER, 0]) {
      await database.write((tx) => tx.run('UPDATE users SET credit_cents = ?', credit))
      expect(await database.read.get('SELECT credit_cents FROM users')).toEqual({ credit_cents: credit })
    }
  })
})
