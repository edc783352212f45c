import { once } from 'node:events'
import { createWriteStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { backUpDatabase } from '@tandem/chassis/operations/back-up'
import { printRecords } from '@tandem/chassis/operations/print-records'
import { inPages, readSnapshot } from '@tandem/chassis/database/snapshot'
import type { Queries } from '@tandem/chassis/database/database'
import { temporaryFolder } from '../../testing/temporary'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { insertThing, thingMigrations } from '../../testing/things'

interface Thing {
  name: string
}

const sql = 'SELECT name FROM things WHERE name > ? ORDER BY name LIMIT ?'
const things = (queries: Queries) => inPages<Thing>(queries, sql, '', ({ name }) => name)

// Of a file: for PostgreSQL see read-snapshot.postgres.test.ts.
async function databaseWith(count: number) {
  const folder = temporaryFolder()
  const database = await temporarySqlite(thingMigrations, { folder })
  const names = Array.from({ length: count }, (_, i) => `thing ${String(i).padStart(5, '0')}`)
  await Promise.all(names.map((name) => database.write((tx) => insertThing(tx, name))))
  return { database, file: join(folder, 'test.db'), names }
}

describe('A snapshot', () => {
  it('contains what was stored when its first row was read, while the service goes on writing', async () => {
    const { database, file, names } = await databaseWith(2001)
    const read: string[] = []
    for await (const { name } of readSnapshot(file, things)) {
      read.push(name)
      if (read.length === 1) await database.write((tx) => insertThing(tx, 'thing that came later'))
    }
    expect(read).toEqual(names)
    expect(await database.read.get('SELECT COUNT(*) AS count FROM things')).toEqual({ count: 2002 })
  })

  it('can be taken of a file that no service has open', async () => {
    const { database, file, names } = await databaseWith(1000) // a whole page, and nothing after it
    await database.close()
    const read: string[] = []
    for await (const { name } of readSnapshot(file, things)) read.push(name)
    expect(read).toEqual(names)
  })

  it('can be taken of a back-up, and leaves no files beside it', async () => {
    const { file, names } = await databaseWith(10)
    const folder = temporaryFolder()
    const backUp = join(folder, 'back-up.db')
    const written = createWriteStream(backUp)
    await backUpDatabase(file, thingMigrations, written)
    await once(written.end(), 'close')
    const read: string[] = []
    for await (const { name } of readSnapshot(backUp, things)) read.push(name)
    expect(read).toEqual(names)
    expect(readdirSync(folder)).toEqual(['back-up.db'])
  })

  it('fails for a missing file, and creates none', async () => {
    const snapshot = readSnapshot(join(temporaryFolder(), 'test.db'), things)
    await expect(snapshot.next()).rejects.toThrow('unable to open database file')
  })
})

describe('Printed records', () => {
  it('are JSON lines, in few and not too long writes', async () => {
    const { file, names } = await databaseWith(5000)
    const texts: string[] = []
    const paper = new Writable({
      decodeStrings: false,
      write: (text: string, _, written) => {
        texts.push(text)
        setImmediate(written)
      },
    })
    await printRecords(readSnapshot(file, things), paper)
    expect(texts.join('')).toBe(names.map((name) => `${JSON.stringify({ name })}\n`).join(''))
    expect(texts.length).toBe(2)
    expect(paper.writableEnded).toBe(false)
  })
})
