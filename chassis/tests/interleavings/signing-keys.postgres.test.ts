import { storeTrustedKeys } from '@tandem/chassis/auth/key-store'
import { StoredSigningKeys } from '@tandem/chassis/auth/signing-keys'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { silentLog } from '@tandem/chassis/log'
import { interleavings, type End } from '../../testing/interleavings'
import type { Side } from '../../testing/stepped-side'

const explore = interleavings(chassisMigrations)

const start = async (side: Side) => (await StoredSigningKeys.load({ ...side, log: silentLog })).signing.kid
const trust = ({ database, system }: Side) =>
  database.write((tx) => storeTrustedKeys(tx, system, { issuer: 'other', jwks: '{}' }))

/** Keys are by chance: how many there are, and how many of them sign. */
const seen = ({ outcomes, rows }: End) => ({
  keys: (rows.signing_keys as unknown[]).length,
  signing: new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size,
})

describe('Two first starts', () => {
  it('sign with the same key in every interleaving', async () => {
    const { count, inOrder, bad } = await explore({ pair: [start, start], seen })
    expect(count).toBeGreaterThan(1)
    expect(inOrder).toEqual([
      { keys: 1, signing: 1 },
      { keys: 1, signing: 1 },
    ])
    expect(bad.slice(0, 1)).toEqual([])
  })

  it('would each make a key without the lock of the keys', async () => {
    const without = (sql: string) => sql.replace('LOCK TABLE signing_keys IN EXCLUSIVE MODE', 'SELECT 1')
    const { bad } = await explore({ pair: [start, start], seen, without })
    expect(bad).toMatchObject([{ seen: { keys: 2 } }])
  })
})

describe('Two that store the keys of another service', () => {
  it('end as one after the other in every interleaving', async () => {
    const { count, bad } = await explore({ pair: [trust, trust] })
    expect(count).toBeGreaterThan(1)
    expect(bad.slice(0, 1)).toEqual([])
  })
})
