import { randomUUID } from 'node:crypto'
import { creditOf, holdStates, usersOutOfBalance } from '../support/stored'
import { testUsers } from '../support/user-app'

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const counted = (answers: { status: number }[]) =>
  Object.fromEntries(
    Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, all]) => [status, all?.length]),
  )

describe('Concurrent holds', () => {
  it('hold the credit once for a hundred requests for one order', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 700 })
    const { id } = await signUp()
    const orderId = randomUUID()
    const answers = await Promise.all(times(100, () => hold(id, orderId, 250)))
    expect(counted(answers)).toEqual({ 200: 99, 201: 1 })
    expect(await creditOf(database, id)).toBe(450)
    expect(await holdStates(database)).toEqual(['held'])
  })

  it('succeed for twenty of sixty orders if the credit is enough for twenty', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 20 * 35 })
    const { id } = await signUp()
    const answers = await Promise.all(times(60, () => hold(id, randomUUID(), 35)))
    expect(counted(answers)).toEqual({ 201: 20, 402: 40 })
    expect(await creditOf(database, id)).toBe(0)
    expect(await holdStates(database)).toEqual([...times(20, () => 'held'), ...times(40, () => 'refused')])
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('succeed for one of two users who request the same order', async () => {
    const { database, signUp, hold } = await testUsers({ signupCreditCents: 700 })
    const users = [await signUp(), await signUp()]
    const orderId = randomUUID()
    const answers = await Promise.all(times(20, (i) => hold(users[i % 2]!.id, orderId, 250)))
    expect(counted(answers)).toEqual({ 200: 9, 201: 1, 409: 10 })
    expect(await holdStates(database)).toEqual(['held'])
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('and their releases, in any order, leave balanced books and no held credit', async () => {
    const { database, signUp, hold, release } = await testUsers({ signupCreditCents: 10 * 35 })
    const { id } = await signUp()
    const orders = times(50, () => randomUUID())

    const answers = await Promise.all(
      orders.flatMap((orderId, i) => {
        const take = () => hold(id, orderId, 35)
        const giveBack = () => release(id, orderId)
        return (i % 2 ? [take, giveBack, take] : [giveBack, take, giveBack]).map((ask) => ask())
      }),
    )

    for (const { status } of answers) expect([200, 201, 204, 402, 409]).toContain(status)
    expect(await usersOutOfBalance(database)).toEqual([])
    expect(await creditOf(database, id)).toBe(10 * 35)
    const states = await holdStates(database)
    expect(states).toHaveLength(50)
    expect(states).not.toContain('held')
  })

  it("and deposits of many users leave every user's books balanced", async () => {
    const { database, signUp, hold, release, deposit } = await testUsers({ signupCreditCents: 100 })
    const users = await Promise.all(times(5, () => signUp()))
    await Promise.all(
      users.flatMap(({ id }) =>
        times(6, (i) => {
          const orderId = randomUUID()
          return [hold(id, orderId, 40), ...(i % 2 ? [release(id, orderId)] : []), deposit(id, 25)]
        }).flat(),
      ),
    )
    expect(await usersOutOfBalance(database)).toEqual([])
    const below = await database.read.all('SELECT id FROM users WHERE credit_cents < 0')
    expect(below).toEqual([])
  })
})
