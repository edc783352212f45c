import { adminToken, ask, creditOf, signUp } from './support/callers'
import { eventually } from './support/eventually'
import { shop, type Journal } from './support/journal'
import { killAtRandom } from './support/kill-at-random'
import { randomNumbers } from './support/random-numbers'
import { rowsOf, serviceNames, startStack } from './support/stack'

const kills = 10
const victims = Array.from({ length: kills }, (_, i) => serviceNames[i % 2]!)
const users = 6

interface OrderRow {
  id: string
  user_id: string
  total_cents: number
  status: string
}

test('either service is killed ten times during orders and cancels: nothing is lost, and nothing is charged twice', async () => {
  await startStack()
  const seed = Date.now() % 1_000_000
  const random = randomNumbers(seed)
  const admin = await adminToken()
  const journals = await Promise.all(
    Array.from({ length: users }, async (): Promise<Journal> => {
      return { user: await signUp(), orders: new Map(), depositedCents: 100_000 }
    }),
  )

  const began = performance.now()
  const end = new AbortController()
  const shopping = Promise.all(journals.map((journal) => shop(journal, admin, random, end.signal)))
  const killing = killAtRandom(random, { victims, shortest: 500, longest: 2000 }).finally(() => end.abort())
  await Promise.allSettled([killing, shopping]) // both over, whatever comes of them
  await shopping
  await killing
  const callsEnded = performance.now()

  await eventually(60_000, 'no order is pending or cancelling', async () => {
    const unfinished = await rowsOf<{ count: number }>(
      'order-service',
      'SELECT COUNT(*) AS count FROM orders WHERE due_at IS NOT NULL',
    ).catch(() => undefined)
    return unfinished?.[0]?.count === 0 ? true : undefined
  })
  const told = journals.flatMap(({ orders }) => [...orders.values()])
  const count = (...statuses: string[]) => told.filter(({ status }) => statuses.includes(status)).length
  const sums = `${count('confirmed')} confirmed, ${count('cancelling', 'cancelled')} cancelled, ${count('rejected')} rejected, ${count('pending')} told later`
  const seconds = ((callsEnded - began) / 1000).toFixed(1)
  const settling = ((performance.now() - callsEnded) / 1000).toFixed(1)
  process.stdout.write(
    `seed ${seed}: ${kills} kills in ${seconds} s, ${told.length} orders (${sums}), settled ${settling} s later\n`,
  )
  expect(told.length).toBeGreaterThan(100)

  for (const journal of journals) await checkOverHttp(journal)
  await checkDatabases(journals)
})

async function checkOverHttp({ user, orders, depositedCents }: Journal): Promise<void> {
  const listed = await allOrders(user.token)
  expect(listed.map(({ id }) => id).sort()).toEqual([...orders.keys()].sort()) // all that were acknowledged, and no other
  for (const { id, status, totalCents } of listed) {
    const told = orders.get(id)!
    expect({ id, status }).toEqual({
      id,
      status: told.status === 'pending' ? expect.any(String) : settled(told.status),
    })
    expect(['confirmed', 'rejected', 'cancelled']).toContain(status)
    expect(totalCents).toBe(told.totalCents ?? totalCents)
  }
  const confirmed = listed.filter(({ status }) => status === 'confirmed')
  const spent = confirmed.reduce((sum, { totalCents }) => sum + totalCents, 0)
  expect((await creditOf(user)) + spent).toBe(depositedCents)
}

/** An order that was being cancelled is cancelled in the end. */
function settled(status: string): string {
  return status === 'cancelling' ? 'cancelled' : status
}

async function allOrders(token: string): Promise<{ id: string; status: string; totalCents: number }[]> {
  const found: { id: string; status: string; totalCents: number }[] = []
  let next: string | undefined = '/orders?limit=100'
  while (next !== undefined) {
    const page = await ask('order-service', { path: next, token })
    expect(page.status).toBe(200)
    found.push(...(page.body as typeof found))
    next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
  }
  return found
}

/** The same from both databases: each confirmed order has one hold of its total, and no other order has any. */
async function checkDatabases(journals: Journal[]): Promise<void> {
  const ours = journals.map(({ user }) => `'${user.id}'`).join(', ')
  const orders = await rowsOf<OrderRow>(
    'order-service',
    `SELECT id, user_id, total_cents, status FROM orders WHERE user_id IN (${ours}) ORDER BY id`,
  )
  const holds = await rowsOf(
    'user-service',
    `SELECT order_id, user_id, amount_cents FROM holds WHERE state = 'held' AND user_id IN (${ours}) ORDER BY order_id`,
  )
  const confirmed = orders.filter(({ status }) => status === 'confirmed')
  expect(holds).toEqual(
    confirmed.map(({ id, user_id, total_cents }) => ({ order_id: id, user_id, amount_cents: total_cents })),
  )

  const books = await rowsOf<{ id: string; credit: number; held: number; deposited: number }>(
    'user-service',
    `SELECT id, credit_cents AS credit,
            (SELECT COALESCE(SUM(amount_cents), 0) FROM holds WHERE user_id = users.id AND state = 'held') AS held,
            (SELECT COALESCE(SUM(amount_cents), 0) FROM deposits WHERE user_id = users.id) AS deposited
     FROM users WHERE id IN (${ours})`,
  )
  expect(books).toHaveLength(journals.length)
  for (const { id, credit, held, deposited } of books) {
    expect({ id, deposited }).toEqual({ id, deposited: journals.find(({ user }) => user.id === id)?.depositedCents })
    expect({ id, sum: credit + held }).toEqual({ id, sum: deposited })
  }
}
