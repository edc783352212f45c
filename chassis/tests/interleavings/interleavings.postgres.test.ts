import { interleavings } from '../../testing/interleavings'
import type { Side } from '../../testing/stepped-side'

const explore = interleavings([
  { name: 'accounts', sql: 'CREATE TABLE accounts (id TEXT PRIMARY KEY, cents BIGINT NOT NULL)' },
  { name: 'notes', sql: 'CREATE TABLE notes (id TEXT PRIMARY KEY)' },
])

const given = ({ database }: Side) =>
  database.write((tx) => tx.run("INSERT INTO accounts VALUES ('a', 10), ('b', 10), ('c', 10)"))
const add =
  (...ids: string[]) =>
  ({ database }: Side) =>
    database.write(async (tx) => {
      for (const id of ids) await tx.run('UPDATE accounts SET cents = cents + 1 WHERE id = ?', id)
    })
const readAndWrite =
  (lock: '' | 'FOR UPDATE') =>
  ({ database }: Side) =>
    database.write(async (tx) => {
      const row = await tx.get<{ cents: number }>(`SELECT cents FROM accounts WHERE id = 'a' ${lock}`)
      await tx.run("UPDATE accounts SET cents = ? WHERE id = 'a'", row!.cents + 1)
    })
const note =
  (...ids: string[]) =>
  ({ database }: Side) =>
    database.write(async (tx) => {
      for (const id of ids) await tx.run('INSERT INTO notes VALUES (?)', id)
    })
const insertUnlessThere = ({ database }: Side) =>
  database.write(async (tx) => {
    const found = await tx.get("SELECT id FROM accounts WHERE id = 'd'")
    if (!found) await tx.run("INSERT INTO accounts VALUES ('d', 0)")
    return found === undefined
  })
const read = ({ database }: Side) => database.read.get("SELECT cents FROM accounts WHERE id = 'a'")

describe('The interleavings of two units', () => {
  it('are all orders of their statements and commits if they do not meet', async () => {
    expect(await explore({ given, pair: [add('a', 'b'), add('c')] })).toMatchObject({
      count: 10,
      rollbacks: 0,
      bad: [],
    })
  })

  it('leave out orders in which a read stands elsewhere between two commits', async () => {
    expect(await explore({ given, pair: [add('a', 'b'), read] })).toMatchObject({ count: 2, bad: [] })
  })

  it('leave out orders of statements that use different tables', async () => {
    expect(await explore({ given, pair: [add('a', 'b'), note('a', 'b')] })).toMatchObject({ count: 6, bad: [] })
  })

  it('show an update that is lost, with the statements that lose it', async () => {
    const { bad } = await explore({ given, pair: [readAndWrite(''), readAndWrite('')] })
    expect(bad.length).toBeGreaterThan(0)
    expect(bad[0]).toMatchObject({ seen: { rows: { accounts: [{ id: 'a', cents: 11 }, {}, {}] } } })
    expect(bad[0]!.statements.map((it) => it.slice(0, 8))).toEqual([
      ...['1 SELECT', '1 UPDATE', '2 SELECT', '1 COMMIT', '2 UPDATE', '2 COMMIT'],
    ])
  })

  it('go on with the other side if one waits for a lock', async () => {
    const { count, bad } = await explore({ given, pair: [readAndWrite('FOR UPDATE'), readAndWrite('FOR UPDATE')] })
    expect(bad).toEqual([])
    expect(count).toBe(6)
  })

  it('have those in which both wait for each other, and one is run again', async () => {
    const { rollbacks, bad } = await explore({ given, pair: [add('a', 'b'), add('b', 'a')] })
    expect(bad).toEqual([])
    expect(rollbacks).toBeGreaterThan(0)
  })

  it('have those in which both insert one key, and one is run again', async () => {
    const { inOrder, rollbacks, bad } = await explore({ given, pair: [insertUnlessThere, insertUnlessThere] })
    expect(inOrder).toMatchObject([
      { outcomes: [{ returned: true }, { returned: false }] },
      { outcomes: [{ returned: false }, { returned: true }] },
    ])
    expect(bad).toEqual([])
    expect(rollbacks).toBeGreaterThan(0)
  })
})
