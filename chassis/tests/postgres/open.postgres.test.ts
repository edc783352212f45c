import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { realSystem as system } from '@tandem/chassis/system'
import { readableLog } from '../../testing/test-app'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest, eventually, temporaryFolder } from '../../testing/temporary'
import { thingMigrations } from '../../testing/things'

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await createDatabase(testServer!, system.newId())
  afterThisTest(drop)
  return url
}

async function open(url: string, migrations = thingMigrations) {
  const database = await openPostgres({ url, migrations, system })
  afterThisTest(() => database.close())
  return database
}

/** A way to the server that refuses the first connections. */
async function refusingAtFirst(server: string, refusals: number, { silently = false } = {}): Promise<string> {
  const { hostname, port, username, password } = new URL(server)
  let left = refusals
  const proxy = createServer((socket) => {
    left -= 1
    if (left >= 0) {
      if (!silently) socket.destroy()
      return
    }
    const upstream = connect(Number(port), hostname)
    socket.pipe(upstream).pipe(socket)
    for (const end of [socket, upstream]) end.on('error', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  afterThisTest(() => proxy.close())
  return `postgres://${username}:${password}@127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

describe('Opening a database on PostgreSQL', () => {
  it('migrates once if several replicas start at the same time', async () => {
    const url = await emptyDatabase()
    const opened = await Promise.all([open(url), open(url), open(url)])
    const applied = await opened[0].read.all('SELECT name FROM migrations')
    expect(applied).toHaveLength(thingMigrations.length)
  })

  it('applies none of the migrations if one of them fails', async () => {
    const url = await emptyDatabase()
    const failing = [
      ...thingMigrations,
      { name: 'failing', sql: 'CREATE TABLE more (id TEXT); SELECT nothing FROM nowhere' },
    ]
    await expect(open(url, failing)).rejects.toThrow('the database cannot be used: relation "nowhere" does not exist')
    const database = await open(url, [])
    expect(await database.read.all('SELECT name FROM migrations')).toEqual([])
  })

  it('refuses one whose migrations were edited since, or which is newer', async () => {
    const url = await emptyDatabase()
    await open(url)
    const [first, ...rest] = thingMigrations
    await expect(open(url, [{ ...first!, sql: 'SELECT 1' }, ...rest])).rejects.toThrow('differs from the one')
    await expect(open(url, [])).rejects.toThrow('has a migration that this version does not have')
  })

  it('lets an old and a new replica run side by side if the new migrations are additive', async () => {
    const url = await emptyDatabase()
    const added = { name: 'added', sql: 'CREATE TABLE added (id TEXT)', additive: true } as const
    const newReplica = await open(url, [...thingMigrations, added])
    const oldReplica = await open(url)
    await newReplica.write((tx) => tx.run("INSERT INTO added VALUES ('a')"))
    expect(await oldReplica.read.all('SELECT name FROM migrations')).toHaveLength(thingMigrations.length + 1)
  })

  it.each([
    ['encoding', "ENCODING 'SQL_ASCII' LOCALE 'C'", 'encoding = SQL_ASCII, but UTF8'],
    ['order of texts', "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en'", 'provider = i, but c (libc)'],
  ])('refuses one with another %s', async (_, settings, message) => {
    const name = `t_${system.newId().replaceAll('-', '')}`
    const server = new Client({ connectionString: testServer })
    await server.connect()
    await server.query(`CREATE DATABASE ${name} TEMPLATE template0 ${settings}`)
    afterThisTest(async () => {
      await server.query(`DROP DATABASE ${name} (FORCE)`)
      await server.end()
    })
    await expect(open(new URL(name, testServer).href)).rejects.toThrow(`PostgreSQL has ${message} is required`)
  })

  it.each([['synchronous_commit=off', 'synchronous_commit = off, but on']])(
    'refuses one with %s, which could lose what was committed',
    async (setting, message) => {
      const url = new URL(await emptyDatabase())
      url.searchParams.set('options', `${url.searchParams.get('options')} -c ${setting}`)
      await expect(open(url.href)).rejects.toThrow(`PostgreSQL has ${message} is required`)
    },
  )

  it('goes on waiting for a server that accepts and says nothing', async () => {
    const url = new URL(await emptyDatabase())
    const proxy = new URL(await refusingAtFirst(testServer!, 1, { silently: true }))
    ;[url.hostname, url.port] = [proxy.hostname, proxy.port]
    const database = await open(url.href)
    expect(await database.read.all('SELECT name FROM migrations')).toHaveLength(thingMigrations.length)
  })

  it('refuses a role without a password, at once and without showing the URL', async () => {
    const url = new URL(await emptyDatabase())
    url.password = 'wrong'
    const error: unknown = await open(url.href).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/the database cannot be used: password authentication failed/)
    expect(String(error)).not.toContain('wrong')
  })

  it('takes the password from a file', async () => {
    const url = new URL(await emptyDatabase())
    const file = join(temporaryFolder(), 'password')
    writeFileSync(file, `${decodeURIComponent(url.password)}\n`)
    url.password = 'wrong'
    const options = { url: url.href, migrations: thingMigrations, system }
    await (await openPostgres({ ...options, postgres: { passwordFile: file } })).close()
    const missing = openPostgres({ ...options, postgres: { passwordFile: `${file}-missing` } })
    await expect(missing).rejects.toThrow(/^DATABASE_PASSWORD_FILE cannot be read: ENOENT/)
  })

  it('waits for a server that is not there yet, and says so once', async () => {
    const url = new URL(await emptyDatabase())
    const proxy = new URL(await refusingAtFirst(testServer!, 3))
    ;[url.hostname, url.port] = [proxy.hostname, proxy.port]
    const { log, lines } = readableLog()
    const database = await openPostgres({ url: url.href, migrations: thingMigrations, system, log })
    afterThisTest(() => database.close())
    expect(lines.filter(({ msg }) => msg === 'waiting for the database')).toHaveLength(1)
    expect(await database.read.all('SELECT name FROM migrations')).toHaveLength(thingMigrations.length)
  })
})

describe('A change listener on PostgreSQL', () => {
  it('listens again after its connection was lost, and logs that once', async () => {
    const url = await emptyDatabase()
    const { log, lines } = readableLog()
    const database = await openPostgres({ url, migrations: thingMigrations, system, log })
    afterThisTest(() => database.close())
    const other = await open(url)
    const listening = () =>
      other.read.get<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database() AND state = 'idle'
         ORDER BY backend_start DESC LIMIT 1`,
      )
    database.onChange(() => undefined)
    const { pid } = await eventually(listening)
    await other.write((tx) => tx.get('SELECT pg_terminate_backend(?) AS ended', pid))
    const next = await eventually(async () => {
      const found = await listening()
      return found?.pid === pid ? undefined : found
    })
    expect(next.pid).not.toBe(pid)
    expect(lines.filter(({ msg }) => msg === 'not listening to the database')).toHaveLength(1)
  })

  it('is called for an event that another process has numbered, and each second', async () => {
    const url = await emptyDatabase()
    const here = await open(url)
    const there = await open(url)
    let calls = 0
    here.onChange(() => (calls += 1))
    await eventually(() => calls > 0) // the poll
    await there.write((tx) => tx.get("SELECT pg_notify('events', '') AS told"))
    const before = calls
    await eventually(() => calls > before)
  })
})
