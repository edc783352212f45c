import type { Transaction } from '@tandem/chassis/database/database'
import { redactSome } from '@tandem/chassis/events/redaction-store'
import { realSystem } from '@tandem/chassis/system'
import { queryPlan } from '../../../chassis/testing/query-plan'
import { addCredit } from '../../src/credit/deposit-store'
import { deleteHeld, listHeld } from '../../src/credit/hold-store'
import { migrations } from '../../src/database/migrations'
import { wasDeleted } from '../../src/users/user-events'
import { listUsers } from '../../src/users/user-store'

const userId = realSystem.newId()

test.each<[what: string, work: (tx: Transaction) => Promise<unknown>, steps: RegExp]>([
  ['what is held for a user', (tx) => deleteHeld(tx, userId, 100), /held_of_user \(user_id=\?\)/],
  ['the next page of all that is held', (tx) => listHeld(tx, 'after', 1000), /\(order_id>\?\)/],
  ['the user of a deposit', (tx) => addCredit(tx, userId, 1), /users USING INDEX \w+ \(id=\?\)$/],
  ['whether a user was deleted', (tx) => wasDeleted(tx, userId), /deleted_users \(subject=\?\)/],
  ['the next page of users', (tx) => listUsers(tx, { after: userId, limit: 20 }), /users USING INDEX \w+ \(id<\?\)/],
  [
    'the next events of a user who is erased',
    (tx) => redactSome(tx, userId, 100),
    /events_of_subject \(subject=\? AND id>\?\)/,
  ],
])('%s uses an index, however many rows there are', async (_, work, steps) => {
  const plan = await queryPlan(migrations, work, { members: '[]', after: '' })
  expect(plan.join('\n')).toMatch(steps)
  expect(plan.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([])
})
