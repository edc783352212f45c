import type { Transaction, Unit } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { releaseCredit, holdCredit } from '../../src/credit/hold-store'
import { insertUser } from '../../src/users/user-store'
import { alone, everyInterleaving, type Outcome } from '../support/interleavings'
import { newUser } from '../support/new-user'
import type { ReadCommitted } from '../support/read-committed'

const given = 700
const user = { ...newUser(), creditCents: given }
const hold = { orderId: realSystem.newId(), userId: user.id, amountCents: 250 }

const taking: Unit<unknown> = (tx) => holdCredit(tx, realSystem, hold)
const releasing: Unit<unknown> = (tx) => releaseCredit(tx, realSystem, hold)
const signedUp = (database: ReadCommitted) => alone(database, (tx) => insertUser(tx, realSystem, user))
const held = async (database: ReadCommitted) => {
  await signedUp(database)
  await alone(database, taking)
}

function left(database: ReadCommitted) {
  const states = database.all<{ state: string }>('SELECT state FROM holds').map(({ state }) => state)
  const [row] = database.all<{ credit: number }>('SELECT credit_cents AS credit FROM users')
  return { states, credit: row?.credit }
}

const returned = (outcome: Outcome | undefined) => (outcome && 'returned' in outcome ? outcome.returned : outcome)

describe('A hold and its release with overlapping statements, as on PostgreSQL', () => {
  it('leave nothing held, in any order of their statements', async () => {
    const runs = await everyInterleaving(signedUp, [taking, releasing])
    const nothingHeld = { states: ['released'], credit: given }
    const seen = new Set<unknown>()
    for (const { order, outcomes, database } of runs) {
      const [taken, released] = outcomes.map(returned)
      expect({ order, released, ...left(database) }).toEqual({ order, released: 'released', ...nothingHeld })
      seen.add(taken)
    }
    expect(seen).toEqual(new Set(['held', 'hold-released']))
  })

  it('would leave credit held if the release read the hold before it wrote its row', async () => {
    const runs = await everyInterleaving(signedUp, [taking, releasingByALook])
    const lost = runs.filter(({ database }) => left(database).credit !== given)
    expect(lost.length).toBeGreaterThan(0)
    expect(new Set(lost.map(({ outcomes }) => returned(outcomes[1])))).toEqual(new Set(['hold-mismatch']))
  })

  it('make one hold if it is requested twice', async () => {
    for (const { order, outcomes, database } of await everyInterleaving(signedUp, [taking, taking])) {
      const taken = outcomes.map(returned).sort()
      expect({ order, taken, ...left(database) }).toEqual({
        order,
        taken: ['held', 'held-before'],
        states: ['held'],
        credit: given - hold.amountCents,
      })
    }
  })

  it('release the credit once if the release is requested twice', async () => {
    for (const { order, outcomes, database } of await everyInterleaving(held, [releasing, releasing])) {
      const released = outcomes.map(returned)
      expect({ order, released, ...left(database) }).toEqual({
        order,
        released: ['released', 'released'],
        states: ['released'],
        credit: given,
      })
    }
  })
})

/** How a release was done once: it shows that the model can tell. */
async function releasingByALook(tx: Transaction): Promise<string> {
  const { orderId, userId } = hold
  const released = await tx.get<{ amount_cents: number }>(
    `UPDATE holds SET state = 'released' WHERE order_id = ? AND user_id = ? AND state = 'held' RETURNING amount_cents`,
    orderId,
    userId,
  )
  if (released) {
    await tx.run('UPDATE users SET credit_cents = credit_cents + ? WHERE id = ?', released.amount_cents, userId)
    return 'released'
  }
  await tx.run(
    `INSERT INTO holds (order_id, user_id, state, decided_at) VALUES (?, ?, 'released', '') ON CONFLICT (order_id) DO NOTHING`,
    orderId,
    userId,
  )
  const kept = await tx.get<{ state: string }>('SELECT state FROM holds WHERE order_id = ?', orderId)
  return kept?.state === 'held' ? 'hold-mismatch' : 'released'
}
