import { beginRedaction } from '@tandem/chassis/events/redaction-store'
import type { End } from '../../../chassis/testing/interleavings'
import { expectInOrder } from '../../../chassis/testing/expect-in-order'
import type { Side } from '../../../chassis/testing/stepped-side'
import { deleteUser } from '../../src/accounts/delete-user'
import { eraseSome } from '../../src/accounts/erasure'
import { signUp } from '../../src/accounts/sign-up'
import { deposit } from '../../src/credit/deposit'
import { placeHold, releaseHold } from '../../src/credit/holds'
import { replaceApiKey } from '../../src/tokens/api-key-store'
import { renewApiKey } from '../../src/tokens/renew-api-key'
import { changeUser } from '../../src/users/change-user'
import { deleteUserRow } from '../../src/users/user-store'
import { ada, adaAndBob, bobId, interleavedUsers, remove, userId, withoutLock } from '../support/interleaved'

const explore = interleavedUsers()
const orderId = '0190f3c6-0000-7000-8000-00000000000a'
const nobody = async () => undefined

const signUpAs = (email: string) => (side: Side) => signUp({ ...side, signupCreditCents: 700 }, { name: 'Bob', email })
const pay =
  (idempotencyKey: string, amountCents: number, to = userId) =>
  (side: Side) =>
    deposit(side, { userId: to, amountCents }, { callerId: 'admin', idempotencyKey })
const changeBob = (to: { email: string }) => (side: Side) => changeUser(side, bobId, to, undefined)
const change = (to: { name?: string; email?: string }, version?: number) => (side: Side) =>
  changeUser(side, userId, to, version === undefined ? undefined : [version])
const removeVersion = (version: number) => (side: Side) => deleteUser(side, userId, [version])
const renew = async (side: Side) => ({ apiKey: await renewApiKey(side, userId) })
const adminKey = (apiKey: string) => async (side: Side) => {
  await side.database.write((tx) => replaceApiKey(tx, side.system, 'admin', apiKey))
  return { apiKey }
}
const hold = (side: Side) => placeHold(side, { orderId, userId, amountCents: 400 })
const release = (side: Side) => releaseHold(side, { orderId, userId })
const erase = ({ database }: Side) => database.write((tx) => eraseSome(tx, userId))

/** All deposits that there may ever be but for 60 cents. */
const nearTheBound = async (side: Side) => {
  await ada(side)
  const leave = Number.MAX_SAFE_INTEGER - 60
  await side.database.write(async (tx) => {
    await tx.run('UPDATE users SET deposited_cents = ?, credit_cents = ?', leave, leave)
  })
}
/** Ada is deleted, but her name and a hold are still there. */
const beingErased = async (side: Side) => {
  await ada(side)
  await hold(side)
  await side.database.write(async (tx) => {
    await deleteUserRow(tx, side.system, userId)
    await beginRedaction(tx, side.system, userId, ['name'])
  })
}
/** The same with more holds than an eraser deletes at once. */
const longErased = async (side: Side) => {
  await beingErased(side)
  await side.database.write((tx) =>
    tx.run(
      `INSERT INTO holds (order_id, user_id, state, amount_cents, decided_at)
       SELECT 'order-' || n, ?, 'held', 1, '' FROM generate_series(1, 110) AS n`,
      userId,
    ),
  )
}

describe('In every interleaving, both end as one after the other:', () => {
  it.each([
    ['two deposits with one key', ada, pay('a', 50), pay('a', 50)],
    ['two other deposits with one key', ada, pay('a', 50), pay('a', 20)],
    ['two deposits with two keys', ada, pay('a', 50), pay('b', 50)],
    ['deposits to two users with one key', adaAndBob, pay('a', 50), pay('a', 50, bobId)],
    ['a deposit and a hold', ada, pay('a', 50), hold],
    ['a deposit and the deletion of its user', ada, pay('a', 50), remove],
    ['two changes of a user', ada, change({ name: 'A' }), change({ email: 'b@example.com' })],
    ['two changes of one version', ada, change({ name: 'A' }, 1), change({ name: 'B' }, 1)],
    [
      'changes of two users to one e-mail address',
      adaAndBob,
      change({ email: 'c@c.com' }),
      changeBob({ email: 'C@c.com' }),
    ],
    [
      'a change that frees an e-mail address and one to it',
      adaAndBob,
      change({ email: 'bob@example.com' }),
      changeBob({ email: 'c@c.com' }),
    ],
    ['a change and a hold', ada, change({ name: 'A' }), hold],
    ['a change and the deletion', ada, change({ name: 'A' }), remove],
    ['a change and the deletion of one version', ada, change({ name: 'A' }, 1), removeVersion(1)],
    ['two deletions', ada, remove, remove],
    ['two sign-ups with one e-mail address', nobody, signUpAs('b@example.com'), signUpAs('B@example.com')],
    ['a sign-up and a change to its address', ada, signUpAs('b@example.com'), change({ email: 'b@example.com' })],
    ['a sign-up and a change that frees its address', ada, signUpAs('ada@example.com'), change({ email: 'b@b.com' })],
    ['a sign-up and a deletion that frees its address', ada, signUpAs('ada@example.com'), remove],
    ['two new keys of a user', ada, renew, renew],
    ['a new key and the deletion of its user', ada, renew, remove],
    ['two first keys of the administrator', nobody, adminKey('a'), adminKey('b')],
    ['the first key of the administrator twice', nobody, adminKey('a'), adminKey('a')],
    ['two new keys of the administrator', adminKey('z'), adminKey('a'), adminKey('b')],
    ['two erasers of a deleted user', beingErased, erase, erase],
    ['two erasers of a deleted user with many holds', longErased, erase, erase],
  ])('%s', async (_pair, given, left, right) => {
    expectInOrder(await explore({ given, pair: [left, right] }))
  })

  it('a release and the eraser of its user, but for the row that refuses a later hold: who is deleted gets none', async () => {
    const seen = ({ outcomes, rows: { holds = [], ...rows } }: End) => ({
      outcomes,
      rows,
      held: (holds as { state: string }[]).filter(({ state }) => state === 'held'),
    })
    const { bad } = await explore({ given: beingErased, pair: [release, erase], seen })
    expect(bad.slice(0, 1)).toEqual([])
  })

  it('two deposits at the bound of the credit: one is refused', async () => {
    const { inOrder, bad } = await explore({ given: nearTheBound, pair: [pay('a', 50), pay('b', 50)] })
    expect(bad).toEqual([])
    expect(inOrder).toMatchObject([
      { outcomes: [{ returned: {} }, { threw: 'invalid-request' }] },
      { outcomes: [{ threw: 'invalid-request' }, { returned: {} }] },
    ])
  })
})

describe('Without the lock of the user it is noticed that', () => {
  it.each([
    ['a deposit would be refused as too large if its user is being deleted', pay('a', 50), remove],
    ['two changes would be an error of the service', change({ name: 'A' }), change({ name: 'B' })],
    ['a change would be an error of the service if its user is being deleted', change({ name: 'A' }), remove],
    ['two deletions would succeed', remove, remove],
    ['a deleted user would get a key', renew, remove],
  ])('%s', async (_what, left, right) => {
    const { bad } = await explore({ given: ada, pair: [left, right], without: withoutLock })
    expect(bad).toHaveLength(1)
  })
})

describe('Without the lock of the holds that an eraser deletes it is noticed that', () => {
  it('one of two erasers would take the erasure as done while holds are left', async () => {
    const without = (sql: string) => sql.replace(' FOR UPDATE)', ')')
    const { bad } = await explore({ given: longErased, pair: [erase, erase], without })
    expect(JSON.stringify(bad)).toContain('hold-of-nobody')
  })
})
