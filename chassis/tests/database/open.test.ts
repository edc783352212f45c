import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { databaseFile, openDatabase } from '@tandem/chassis/database/open'
import { SqliteConnection } from '@tandem/chassis/database/sqlite-connection'
import { OperatorError } from '@tandem/chassis/failure'
import { realSystem } from '@tandem/chassis/system'
import { runChild } from '../../testing/child'
import { afterThisTest, temporaryFolder } from '../../testing/temporary'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { insertThing, storedThings, thingMigrations } from '../../testing/things'

// Files, and their locks: for PostgreSQL see open.postgres.test.ts and use-lock.postgres.test.ts.
const open = (root: string, url = 'sqlite:test.db') =>
  openDatabase({ url, root, migrations: thingMigrations, system: realSystem })

async function startError(opening: Promise<unknown>): Promise<string> {
  const error: unknown = await opening.then(
    () => 'opened',
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(OperatorError)
  const { message } = error as OperatorError
  expect(message).not.toContain('\n')
  return message
}

describe('Opening a database', () => {
  it('creates missing folders', async () => {
    const folder = temporaryFolder()
    const database = await open(folder, 'sqlite:./some/where/test.db')
    afterThisTest(() => database.close())
    await database.write((tx) => insertThing(tx, 'a'))
    expect(existsSync(join(folder, 'some/where/test.db'))).toBe(true)
  })

  it('resolves a relative file against the root and keeps an absolute one', () => {
    expect(databaseFile('sqlite:./data/a.db', '/root')).toBe('/root/data/a.db')
    expect(databaseFile('sqlite:/data/a.db', '/root')).toBe('/data/a.db')
  })

  it('finds what was stored before', async () => {
    const folder = temporaryFolder()
    const before = await temporarySqlite(thingMigrations, { folder })
    await before.write((tx) => insertThing(tx, 'kept'))
    await before.close()
    expect(await storedThings(await temporarySqlite(thingMigrations, { folder }))).toEqual(['kept'])
  })

  it('creates none if it must exist, and refuses an empty one', async () => {
    const folder = temporaryFolder()
    const options = { url: 'sqlite:data/test.db', root: folder, migrations: thingMigrations, system: realSystem }
    const openExisting = () => openDatabase({ ...options, mustExist: true })
    expect(await startError(openExisting())).toBe(`there is no database ${join(folder, 'data/test.db')}`)
    expect(readdirSync(folder)).toEqual([])

    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data/test.db'), '')
    expect(await startError(openExisting())).toBe('this database was not made by a service')
    await (await openDatabase(options)).close()
    await (await openExisting()).close()
  })

  it('does not take one that cannot be looked at for absent', async () => {
    const folder = temporaryFolder()
    symlinkSync('test.db', join(folder, 'test.db')) // to itself
    const options = { url: 'sqlite:test.db', root: folder, migrations: thingMigrations, system: realSystem }
    expect(await startError(openDatabase({ ...options, mustExist: true }))).toMatch(/test\.db cannot be used: ELOOP/)
  })

  it('makes both connections durable, patient and strict about references', async () => {
    const database = await temporarySqlite(thingMigrations)
    const expected = { journal_mode: 'wal', synchronous: 2, timeout: 5000, foreign_keys: 1 }
    const pragmas = [
      ['journal_mode', 'journal_mode'],
      ['synchronous', 'synchronous'],
      ['busy_timeout', 'timeout'],
      ['foreign_keys', 'foreign_keys'],
    ] as const
    for (const [pragma, column] of pragmas) {
      const row = { [column]: expected[column] }
      expect(await database.read.get(`PRAGMA ${pragma}`)).toEqual(row)
      expect(await database.write((tx) => tx.get(`PRAGMA ${pragma}`))).toEqual(row)
    }
  })

  it('refuses a connection that cannot be made durable', () => {
    expect(() => new SqliteConnection(':memory:')).toThrow(
      new OperatorError('SQLite has journal_mode = memory, but wal is required'),
    )
  })

  it('refuses a file that is not a database, and releases it', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'test.db'), 'this is no database, but long enough to be looked at'.repeat(100))
    expect(await startError(open(folder))).toMatch(/^the database .*test\.db cannot be used: file is not a database$/)
    rmSync(join(folder, 'test.db'))
    const database = await open(folder)
    await database.close()
  })

  it('refuses a file that is damaged further in', async () => {
    const folder = temporaryFolder()
    const before = await temporarySqlite(thingMigrations, { folder })
    await before.close()
    const file = join(folder, 'test.db')
    const header = Buffer.alloc(100)
    header.write('SQLite format 3\0')
    header.writeUInt16BE(4096, 16)
    writeFileSync(file, Buffer.concat([header, Buffer.alloc(8000, 0xee)]))
    expect(await startError(open(folder))).toContain('cannot be used')
  })

  it('creates files that nobody else can read, as they contain a signing key', async () => {
    const folder = join(temporaryFolder(), 'data')
    const database = await openDatabase({
      url: 'sqlite:test.db',
      root: folder,
      migrations: thingMigrations,
      system: realSystem,
    })
    afterThisTest(() => database.close())
    await database.write((tx) => insertThing(tx, 'a'))
    const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o077])
    expect(Object.fromEntries(modes)).toMatchObject({ 'test.db': 0, 'test.db-wal': 0, 'test.db-shm': 0 })
    expect(statSync(folder).mode & 0o077).toBe(0)
  })

  it('refuses a folder instead of a file', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'test.db'))
    expect(await startError(open(folder))).toContain('cannot be used: EISDIR')
  })

  it('refuses a file below something that is not a folder', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    expect(await startError(open(folder, 'sqlite:file/test.db'))).toContain('cannot be used')
  })

  it('refuses a folder that is not writable', async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o555)
    expect(await startError(asNobodyInParticular(() => open(folder)))).toContain('cannot be used')
    expect(readdirSync(folder)).toEqual([])
  })

  it('reports an error of the lock itself', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'test.db.lock'), 'this is no lock, but long enough to be looked at'.repeat(100))
    expect(await startError(open(folder))).toMatch(/cannot be used: file is not a database$/)
  })
})

describe('A database file that is open', () => {
  it('cannot be opened again in the same process until it is closed', async () => {
    const folder = temporaryFolder()
    const first = await temporarySqlite(thingMigrations, { folder })
    expect(await startError(open(folder))).toMatch(/^the database .*test\.db is in use by another process$/)
    await first.write((tx) => insertThing(tx, 'still works'))
    await first.close()
    const second = await temporarySqlite(thingMigrations, { folder })
    expect(await storedThings(second)).toEqual(['still works'])
  })

  it('cannot be opened while another process has it, and can be after that was killed', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'test.db')
    const child = runChild(
      `const lock = require('./src/database/file-lock').lockFile(${JSON.stringify(file)}); console.log('locked'); setInterval(() => lock, 1000)`,
    )
    await child.says('locked')
    expect(await startError(open(folder))).toContain('is in use by another process')
    child.signal('SIGKILL')
    await child.code
    const database = await temporarySqlite(thingMigrations, { folder })
    expect(await storedThings(database)).toEqual([])
  })

  it('can be read by others meanwhile, such as a back-up', async () => {
    const folder = temporaryFolder()
    const database = await temporarySqlite(thingMigrations, { folder })
    await database.write((tx) => insertThing(tx, 'a'))
    const backup = new SqliteConnection(join(folder, 'test.db'), { readOnly: true })
    afterThisTest(() => backup.close())
    expect(await backup.all('SELECT name FROM things')).toEqual([{ name: 'a' }])
  })
})

describe('Commit listeners', () => {
  it('are called after each commit and before its writes resolve, with the number of units', async () => {
    const database = await temporarySqlite(thingMigrations)
    const told: unknown[] = []
    const found: Promise<string[]>[] = []
    database.onCommit((units) => {
      told.push(units)
      found.push(storedThings(database)) // reads at once
    })
    database.onCommit((units) => told.push(`${units} too`))
    const write = (name: string) => database.write((tx) => insertThing(tx, name)).then(() => told.push(name))
    await Promise.all([write('a'), write('b')])
    await write('c')
    expect(told).toEqual([2, '2 too', 'a', 'b', 1, '1 too', 'c'])
    expect(await Promise.all(found)).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ])
  })

  it('are not called for a failed commit', async () => {
    const database = await temporarySqlite(thingMigrations)
    const told: number[] = []
    database.onCommit((units) => told.push(units))
    await expect(database.write((tx) => insertThing(tx, 'a', 'no such parent'))).rejects.toThrow('FOREIGN KEY')
    expect(told).toEqual([])
  })
})

/** For root no folder is unwritable. */
async function asNobodyInParticular<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
