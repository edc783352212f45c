import fs, { cpSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { backUpDatabase, restoreDatabase } from '@tandem/chassis/operations/back-up'
import type { Database } from '@tandem/chassis/database/database'
import { lockFile } from '@tandem/chassis/database/file-lock'
import { OperatorError } from '@tandem/chassis/failure'
import { afterThisTest, temporaryFolder } from '../../testing/temporary'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { insertThing, storedThings, thingMigrations } from '../../testing/things'

// Copies of files: PostgreSQL has pg_dump.
async function backUp(folder: string, migrations = thingMigrations): Promise<Buffer> {
  const to = new PassThrough()
  const [backedUp] = await Promise.all([
    buffer(to),
    backUpDatabase(join(folder, 'test.db'), migrations, to).finally(() => to.end()),
  ])
  return backedUp
}

function restore(folder: string, backedUp: Buffer, migrations = thingMigrations): Promise<void> {
  return restoreDatabase(join(folder, 'test.db'), migrations, Readable.from([backedUp]))
}

/** A folder with a database that is not open, and holds the things. */
async function folderWith(...names: string[]): Promise<string> {
  const folder = temporaryFolder()
  const database = await temporarySqlite(thingMigrations, { folder })
  await insertThings(database, names)
  await database.close()
  return folder
}

function insertThings(database: Database, names: string[]): Promise<void> {
  return database.write(async (tx) => {
    for (const name of names) await insertThing(tx, name)
  })
}

async function thingsIn(folder: string): Promise<string[]> {
  const database = await temporarySqlite(thingMigrations, { folder })
  const names = await storedThings(database)
  await database.close()
  return names
}

describe('A back-up', () => {
  it('contains what was committed, even during a write, and can be restored', async () => {
    const folder = temporaryFolder()
    const database = await temporarySqlite(thingMigrations, { folder })
    await insertThings(database, ['before'])
    const writer = new DatabaseSync(join(folder, 'test.db'))
    afterThisTest(() => writer.close())
    writer.exec("BEGIN IMMEDIATE; INSERT INTO things (name) VALUES ('during')")
    const backedUp = await backUp(folder)
    writer.exec('COMMIT')

    const elsewhere = join(temporaryFolder(), 'data')
    await restore(elsewhere, backedUp)
    expect(await thingsIn(elsewhere)).toEqual(['before'])
    expect(await storedThings(database)).toEqual(['before', 'during'])
  })

  it('leaves no copy behind, and succeeds after an interrupted one', async () => {
    const folder = await folderWith('a')
    writeFileSync(join(folder, 'test.db.back-up'), 'the first half of')
    await backUp(folder)
    expect(readdirSync(folder)).not.toContain('test.db.back-up')
  })

  it('writes a copy that nobody else can read, as it contains a signing key', async () => {
    const folder = await folderWith('a')
    let mode
    const to = new PassThrough().once('data', () => (mode = statSync(join(folder, 'test.db.back-up')).mode & 0o777))
    await Promise.all([
      buffer(to),
      backUpDatabase(join(folder, 'test.db'), thingMigrations, to).finally(() => to.end()),
    ])
    expect(mode).toBe(0o600)
  })

  it('is refused during another one, without a database of this service, and to a terminal', async () => {
    const folder = await folderWith('a')
    const other = lockFile(join(folder, 'test.db.back-up'))
    await expect(backUp(folder)).rejects.toThrow(OperatorError)
    other.close()
    await expect(backUp(folder, [{ name: 'of another', sql: '' }])).rejects.toThrow('does not have: things')
    await expect(backUp(temporaryFolder())).rejects.toThrow('unable to open database file')
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    await expect(backUpDatabase(join(folder, 'test.db'), thingMigrations, terminal)).rejects.toThrow(OperatorError)
  })
})

describe('Restoring a back-up', () => {
  it('is refused from a terminal', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    await expect(restoreDatabase(join(temporaryFolder(), 'test.db'), [], terminal)).rejects.toThrow(OperatorError)
  })

  it('replaces the database completely', async () => {
    const backedUp = await backUp(await folderWith('restored'))
    const folder = await folderWith('earlier')
    const database = await temporarySqlite(thingMigrations, { folder })
    await insertThings(database, ['in the log only'])
    const killed = temporaryFolder() // what a process leaves that had no time to close its files
    cpSync(folder, killed, { recursive: true })
    expect(statSync(join(killed, 'test.db-wal')).size).toBeGreaterThan(0)

    await restore(killed, backedUp)
    expect(await thingsIn(killed)).toEqual(['restored'])
    expect(statSync(join(killed, 'test.db')).mode & 0o777).toBe(0o600)
  })

  it('loses nothing if it ends before the new file is in place', async () => {
    const backedUp = await backUp(await folderWith('restored'))
    const folder = await folderWith('earlier')
    const database = await temporarySqlite(thingMigrations, { folder })
    await insertThings(database, ['in the log only'])
    const killed = temporaryFolder()
    cpSync(folder, killed, { recursive: true })

    const rename = jest.spyOn(fs, 'renameSync').mockImplementation(() => {
      throw new Error('the end')
    })
    afterThisTest(() => rename.mockRestore())
    await expect(restore(killed, backedUp)).rejects.toThrow('the end')
    expect(await thingsIn(killed)).toEqual(['earlier', 'in the log only'])
  })

  it('replaces a damaged database', async () => {
    const backedUp = await backUp(await folderWith('restored'))
    const damaged = temporaryFolder()
    writeFileSync(join(damaged, 'test.db'), 'no database'.repeat(1000))
    await restore(damaged, backedUp)
    expect(await thingsIn(damaged)).toEqual(['restored'])
  })

  it('is refused while another process reads the database', async () => {
    const folder = await folderWith('read')
    const [reader, writer] = [new DatabaseSync(join(folder, 'test.db')), new DatabaseSync(join(folder, 'test.db'))]
    afterThisTest(() => [reader, writer].forEach((connection) => connection.close()))
    reader.exec('BEGIN; SELECT * FROM things')
    writer.exec("INSERT INTO things (name) VALUES ('later')")
    await expect(restore(folder, await backUp(folder))).rejects.toThrow('is being read: try again later')
    reader.exec('COMMIT')
    expect(await thingsIn(folder)).toEqual(['later', 'read'])
  })

  it('is refused while another process has the database open', async () => {
    const folder = temporaryFolder()
    const database = await temporarySqlite(thingMigrations, { folder })
    await insertThings(database, ['still here'])
    await expect(restore(folder, await backUp(folder))).rejects.toThrow('is in use by another process')
    expect(await storedThings(database)).toEqual(['still here'])
  })

  it('is refused, and changes nothing, if the input is truncated, foreign or empty', async () => {
    const backedUp = await backUp(await folderWith(...Array.from({ length: 500 }, (_, i) => `thing ${i}`)))
    const folder = await folderWith('kept')
    const damaged = Buffer.from(backedUp).fill(0xee, 5 * 4096, 6 * 4096)
    const files = readdirSync(folder)
    const refusal = async (...given: [Buffer, typeof thingMigrations?]) => {
      const error: unknown = await restore(folder, ...given).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(OperatorError)
      expect(readdirSync(folder)).toEqual(files)
      return (error as OperatorError).message
    }
    expect(await refusal(Buffer.from(''))).toContain('this database was not made by a service')
    expect(await refusal(Buffer.from('curl: (7) Failed to connect'.repeat(100)))).toContain('file is not a database')
    expect(await refusal(backedUp.subarray(0, -4096))).toContain('malformed')
    expect(await refusal(damaged)).toContain('not a valid back-up: ')
    expect(await refusal(backedUp, [{ name: 'of another', sql: '' }])).toContain('does not have: things')
    expect(await thingsIn(folder)).toEqual(['kept'])
  })
})
