import { decodeProtectedHeader } from 'jose'
import { Authenticator } from '@tandem/chassis/auth/authenticator'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { insertSigningKey } from '@tandem/chassis/auth/key-store'
import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { newPrivateJwk } from '@tandem/chassis/auth/signing-key'
import { StoredSigningKeys } from '@tandem/chassis/auth/signing-keys'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { silentLog, type Log } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import type { Transport } from '@tandem/chassis/upstream/transport'
import { afterThisTest, eventually, temporaryFolder } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { readableLog } from '../../testing/test-app'
import { userToken } from '../../testing/tokens'
import { outcome } from '../../testing/trusted-issuers'
import { VirtualSystem } from '../../testing/virtual-system'

const minute = 60_000

async function startedKeys(database: Database, system = new VirtualSystem(), log: Log = silentLog) {
  const keys = await StoredSigningKeys.load({ database, system, log })
  keys.start()
  afterThisTest(() => keys.stop())
  return { keys, system }
}

/** As `npm run rotate-keys` does, beside the service. */
async function addKey(database: Database, system: VirtualSystem): Promise<string> {
  const jwk = await newPrivateJwk()
  await database.write((tx) => insertSigningKey(tx, system, jwk))
  return jwk.kid
}

const kidsOf = ({ published }: StoredSigningKeys) => published.map(({ kid }) => kid)

describe('The signing keys of a service', () => {
  it('are one at the first start, which is used again at the next', async () => {
    const folder = temporaryFolder()
    const before = await temporaryDatabase(chassisMigrations, { folder })
    const made = await StoredSigningKeys.load({ database: before, system: realSystem, log: silentLog })
    await before.close()
    const after = await temporaryDatabase(chassisMigrations, { folder })
    const kept = await StoredSigningKeys.load({ database: after, system: realSystem, log: silentLog })
    expect(kept.signing.publicJwk).toEqual(made.signing.publicJwk)
    expect(await after.read.all('SELECT kid FROM signing_keys')).toEqual([{ kid: made.signing.kid }])
  })

  it('are the same for two replicas that start for the first time at once', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    const deps = { database, system: realSystem, log: silentLog }
    const [one, other] = await Promise.all([StoredSigningKeys.load(deps), StoredSigningKeys.load(deps)])
    expect(kidsOf(one)).toEqual(kidsOf(other))
    expect(kidsOf(one)).toHaveLength(1)
  })

  it('include one that was added beside the running service, after a second', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    const { keys, system } = await startedKeys(database)
    const [first] = kidsOf(keys)
    system.jump(1)
    const added = await addKey(database, system)
    await eventually(async () => {
      await system.pass(1_000)
      return kidsOf(keys).length === 2
    })
    expect(kidsOf(keys)).toEqual([first, added])
    expect(keys.signing.kid).toBe(first)
  })

  it('stay as they are while the database cannot be read, which is logged once', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    const { log, lines } = readableLog()
    const { keys, system } = await startedKeys(database, new VirtualSystem(), log)
    await database.write((tx) => tx.run('ALTER TABLE signing_keys RENAME TO mislaid'))
    await system.pass(10_000)
    expect(kidsOf(keys)).toHaveLength(1)
    expect(lines.map(({ msg }) => msg)).toEqual(['signing keys not read again'])
  })
})

describe('While keys are rotated', () => {
  it('every token is accepted until it expires, by its issuer and by another service that never has to ask', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    const { keys, system } = await startedKeys(database)
    let fetches = 0
    const send: Transport['send'] = async () => {
      fetches += 1
      return {
        status: 200,
        headers: {},
        body: JSON.stringify({ keys: keys.published.map(({ publicJwk }) => publicJwk) }),
      }
    }
    const transport = { send, close: () => undefined }
    const remote = new RemoteKeySet({ issuer: 'issuer', path: '', transport, database, system, log: silentLog })
    afterThisTest(() => remote.stop())
    await remote.start()
    const services = [ownKeys(keys), remote].map((trusted) => {
      const issuers = new Map([['issuer', { keys: trusted, scopes: ['user'], maxTokenSeconds: 900 }]])
      return new Authenticator({ audience: 'here', issuers, system })
    })
    const tokens: { token: string; signedAt: number }[] = []
    const seen = new Set<string>()

    for (let elapsed = 0; elapsed <= 60; elapsed++) {
      if (elapsed === 10) await addKey(database, system)
      const token = await userToken(keys.signing, system)
      tokens.push({ token, signedAt: system.now() })
      seen.add(decodeProtectedHeader(token).kid ?? '')
      for (const { token: kept, signedAt } of tokens) {
        if (system.now() - signedAt > 15 * minute) continue
        const authorization = `Bearer ${kept}`
        const outcomes = await Promise.all(services.map((service) => outcome(service, authorization)))
        expect(outcomes).toEqual([
          { id: 'ada', scopes: ['user'] },
          { id: 'ada', scopes: ['user'] },
        ])
      }
      await system.pass(minute)
      await eventually(() => system.timers === 2) // the next fetch, and the next reading of the keys
    }

    expect(seen.size).toBe(2)
    expect(kidsOf(keys)).toHaveLength(1)
    expect(fetches).toBe(7) // every ten minutes
    const [oldest] = tokens
    expect(await outcome(services[0]!, `Bearer ${oldest!.token}`)).toBe('unauthenticated')
  })
})
