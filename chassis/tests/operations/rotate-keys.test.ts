import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { insertSigningKey, listSigningKeys } from '@tandem/chassis/auth/key-store'
import { newPrivateJwk } from '@tandem/chassis/auth/signing-key'
import { chassisMigrations as migrations } from '@tandem/chassis/database/chassis-migrations'
import { rotateKeys } from '@tandem/chassis/operations/rotate-keys'
import { runOperation } from '@tandem/chassis/operations/run-operation'
import { realSystem } from '@tandem/chassis/system'
import { createDatabase, testServer } from '../../testing/postgres'
import { temporaryFolder } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { VirtualSystem } from '../../testing/virtual-system'

const minute = 60_000

/** A database that a service has open, and what the command needs to know of it. */
async function runningService() {
  const folder = temporaryFolder()
  const database = await temporaryDatabase(migrations, { folder })
  const server = testServer && (await createDatabase(testServer, folder)).url
  const options = {
    config: { databaseUrl: server ?? 'sqlite:test.db', databasePasswordFile: undefined, root: folder },
    migrations,
  }
  const kids = async () => (await listSigningKeys(database.read)).map(({ kid }) => kid)
  return { database, options, kids }
}

let printed: string[]
beforeEach(() => {
  printed = []
  jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
})

describe('rotate-keys', () => {
  it('adds a key beside a running service, and prints when it signs and how long earlier tokens are valid', async () => {
    const { options, kids } = await runningService()
    const system = new VirtualSystem()
    await rotateKeys(options, system)
    expect(printed).toEqual([
      `key ${(await kids())[0]} is published now, and signs from 2026-01-01T00:15:00.000Z on`,
      'tokens of earlier keys are valid until 2026-01-01T00:35:00.000Z at most',
    ])
  })

  it('deletes the keys that nobody uses any more, and no other', async () => {
    const { options, kids } = await runningService()
    const system = new VirtualSystem()
    await rotateKeys(options, system)
    await system.pass(minute)
    await rotateKeys(options, system)
    const [first, second] = await kids()
    await system.pass(34 * minute)
    await rotateKeys(options, system) // the first is valid for another minute
    expect((await kids()).slice(0, 2)).toEqual([first, second])
    await system.pass(minute)
    await rotateKeys(options, system)
    expect(await kids()).toHaveLength(3)
    expect((await kids())[0]).toBe(second)
  })

  it('loses no key if the service writes at the same time', async () => {
    const { database, options, kids } = await runningService()
    const writes = Array.from({ length: 20 }, async () => {
      const jwk = await newPrivateJwk()
      await database.write((tx) => insertSigningKey(tx, realSystem, jwk))
    })
    await Promise.all([rotateKeys(options), ...writes, rotateKeys(options)])
    expect(await kids()).toHaveLength(22)
  })

  it('is a command of each service', async () => {
    const { options, kids } = await runningService()
    await runOperation('rotate-keys', { name: 'things', ...options })
    expect(await kids()).toHaveLength(1)
  })

  it('creates no database if there is none', async () => {
    const root = temporaryFolder()
    const options = { config: { databaseUrl: 'sqlite:test.db', root }, migrations }
    await expect(rotateKeys(options)).rejects.toThrow('there is no database ')
    expect(existsSync(join(root, 'test.db'))).toBe(false)
  })
})
