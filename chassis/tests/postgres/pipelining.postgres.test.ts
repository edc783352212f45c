import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { send, type Database } from '@tandem/chassis/database/database'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { realSystem as system } from '@tandem/chassis/system'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest } from '../../testing/temporary'

const migrations = [{ name: 'notes', sql: 'CREATE TABLE notes (id TEXT PRIMARY KEY)' }]

/** A database behind a proxy that counts how often a request follows a response, and may change what is requested. */
async function throughProxy() {
  const { url: schema, drop } = await createDatabase(testServer!, system.newId())
  afterThisTest(drop)
  const { hostname, port } = new URL(schema)
  const wire = { trips: 0, change: (text: string) => text }
  const proxy = createServer((socket) => {
    const upstream = connect(Number(port), hostname)
    let isAnswered = true
    socket.on('data', (chunk: Buffer) => {
      if (isAnswered) wire.trips += 1
      isAnswered = false
      upstream.write(Buffer.from(wire.change(chunk.toString('latin1')), 'latin1'))
    })
    upstream.on('data', (chunk) => {
      isAnswered = true
      socket.write(chunk)
    })
    for (const end of [socket, upstream])
      end.on('error', () => undefined).on('close', () => (socket.destroy(), upstream.destroy()))
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  afterThisTest(() => proxy.close())
  const url = new URL(schema)
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const database = await openPostgres({ url: url.href, migrations, system, postgres: { poolSize: 1 } })
  afterThisTest(() => database.close())
  await notes(database) // which connects
  return { database, wire }
}

const insert = (id: string) => `INSERT INTO notes VALUES ('${id}')`

async function notes({ read }: Database): Promise<string[]> {
  return (await read.all<{ id: string }>('SELECT id FROM notes ORDER BY id')).map(({ id }) => id)
}

describe('A unit on PostgreSQL', () => {
  it('sends BEGIN with its first statement', async () => {
    const { database, wire } = await throughProxy()
    wire.trips = 0
    await database.write((tx) => tx.run(insert('a')))
    expect(wire.trips).toBe(2)
    expect(await notes(database)).toEqual(['a'])
  })

  it('sends what it does not wait for with the next statement, and COMMIT with the last', async () => {
    const { database, wire } = await throughProxy()
    wire.trips = 0
    await database.write(async (tx) => {
      await send(tx, insert('a'))
      expect(await tx.all('SELECT id FROM notes')).toEqual([{ id: 'a' }])
      await send(tx, insert('b'))
      await send(tx, insert('c'))
    })
    expect(wire.trips).toBe(2)
    expect(await notes(database)).toEqual(['a', 'b', 'c'])
  })

  it('stores nothing if a statement fails that it does not wait for, and throws its error', async () => {
    const { database } = await throughProxy()
    const unit = database.write(async (tx) => {
      await tx.run(insert('a'))
      await send(tx, 'INSERT INTO nowhere VALUES (1)')
    })
    await expect(unit).rejects.toThrow('relation "nowhere" does not exist')
    expect(await notes(database)).toEqual([])
  })

  it('throws the first error, not those of the statements after it', async () => {
    const { database } = await throughProxy()
    const unit = database.write(async (tx) => {
      await send(tx, 'INSERT INTO nowhere VALUES (1)')
      await tx.run(insert('a'))
    })
    await expect(unit).rejects.toThrow('relation "nowhere" does not exist')
    expect(await notes(database)).toEqual([])
  })

  it('stores nothing if BEGIN fails, though a statement was sent along with it', async () => {
    const { database, wire } = await throughProxy()
    wire.change = (text) => text.replace('BEGIN READ WRITE', 'BEGUN READ WRITE')
    for (const sql of [insert('a'), 'SELECT id FROM notes'])
      await expect(database.write((tx) => tx.all(sql))).rejects.toThrow('syntax error at or near "BEGUN"')
    wire.change = (text) => text
    expect(await notes(database)).toEqual([])
    await database.write((tx) => tx.run(insert('b')))
    expect(await notes(database)).toEqual(['b'])
  })

  it('is run again if it met another one in a statement that it does not wait for', async () => {
    const { database } = await throughProxy()
    let runs = 0
    await database.write(async (tx) => {
      runs += 1
      if (runs === 1) await send(tx, "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
      await tx.run(insert('a'))
    })
    expect(runs).toBe(2)
    expect(await notes(database)).toEqual(['a'])
  })
})

test('A read cannot write', async () => {
  const { database } = await throughProxy()
  await expect(database.read.get(`${insert('a')} RETURNING id`)).rejects.toThrow('read-only transaction')
})
