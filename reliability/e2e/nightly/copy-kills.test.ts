import { randomUUID } from 'node:crypto'
import { adminToken, askUntilAnswered } from '../../harness/callers'
import { composeStack } from '../../harness/compose-stack'
import { eventually, pause } from '../../harness/eventually'
import { randomNumbers } from '../../harness/random-numbers'
import { containerOf, docker, ports, project, rowsOf } from '../../harness/stack'

const users = 2000
const kills = 20
const callersAtOnce = 16

interface CopyRow {
  id: string
  name: string | null
  version: number
  changes: number
}

test('either service is killed, twenty times in all, while 2000 users are renamed: the copy equals them, and each event took effect once', async () => {
  await composeStack({ project, ports, variables: { RATE_LIMIT_PER_MINUTE: '0' } }).startStack()
  const seed = Date.now() % 1_000_000
  const random = randomNumbers(seed)
  const token = await adminToken()
  const ids = await signUpMany()

  const began = performance.now()
  const end = new AbortController()
  let renames = 0
  const renaming = atOnce(async () => {
    while (!end.signal.aborted) {
      await rename(ids[Math.floor(random() * users)]!, `Ada ${random()}`, token)
      renames += 1
    }
  })
  const killing = killBoth(random).finally(() => end.abort())
  await Promise.allSettled([killing, renaming]) // both over, whatever comes of them
  await renaming
  await killing
  const callsEnded = performance.now()

  await lastEventTaken()
  const [counted] = await rowsOf<{ events: number }>('user-service', 'SELECT COUNT(*) AS events FROM events')
  const { events } = counted!
  const seconds = ((callsEnded - began) / 1000).toFixed(1)
  const behind = ((performance.now() - callsEnded) / 1000).toFixed(1)
  process.stdout.write(
    `seed ${seed}: ${kills} kills in ${seconds} s, ${renames} renames, ${events} events, the last taken ${behind} s later\n`,
  )

  const copies = await rowsOf<CopyRow>(
    'order-service',
    'SELECT id, name, version, changes FROM user_copies ORDER BY id',
  )
  const living = copies.filter(({ name }) => name !== null)
  expect(living.map(({ id, name, version }) => ({ id, name, version }))).toEqual(
    await rowsOf('user-service', 'SELECT id, name, version FROM users ORDER BY id'),
  )
  expect(ids.filter((id) => !living.some((copy) => copy.id === id))).toEqual([])
  // A version is an event of the user, and a change is one that was taken.
  expect(copies.filter(({ version, changes }) => changes !== version)).toEqual([])
  expect(copies.reduce((sum, { changes }) => sum + changes, 0)).toBe(events)
  expect(await rowsOf('order-service', 'SELECT * FROM parked_events')).toEqual([])
}, 240_000)

async function signUpMany(): Promise<string[]> {
  const ids: string[] = []
  let left = users
  await atOnce(async () => {
    while (left-- > 0) {
      const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
      const answer = await askUntilAnswered('user-service', { method: 'POST', path: '/users', body })
      expect(answer.status).toBe(201)
      ids.push(answer.body.id)
    }
  })
  return ids
}

async function rename(id: string, name: string, token: string): Promise<void> {
  const request = { method: 'PATCH', path: `/users/${id}`, token, body: { name } } as const
  expect((await askUntilAnswered('user-service', request)).status).toBe(200)
}

async function atOnce(caller: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: callersAtOnce }, caller))
}

/** Until order-service takes events, or starts to take what it has missed: a kill may come in between. */
async function eventsAreTaken(): Promise<void> {
  const before = await takenInThisLife()
  await eventually(60_000, 'order-service takes events', async () => {
    const taken = await takenInThisLife()
    return taken !== undefined && taken !== before ? true : undefined
  })
}

/** How many events order-service has handled since it was started; undefined while it starts. */
async function takenInThisLife(): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${ports['order-service']}/metrics`).catch(() => undefined)
  return /^followed_events_total\{.*outcome="handled"\} (\d+)$/m.exec((await answer?.text()) ?? '')?.[1]
}

/** Until order-service stands behind the last event of user-service, and says so. */
async function lastEventTaken(): Promise<void> {
  await eventually(60_000, 'order-service has taken the last event', async () => {
    const { body: health } = await askUntilAnswered('order-service', { path: '/health/ready' })
    if (health.lag['user-service'].events !== 0) return undefined
    const last = await rowsOf<{ id: string }>('user-service', 'SELECT id FROM events ORDER BY sequence DESC LIMIT 1')
    const taken = await rowsOf<{ id: string }>('order-service', 'SELECT last_event_id AS id FROM followed_feeds')
    return last[0]?.id === taken[0]?.id ? true : undefined
  })
}

/**
 * One after the other, each started again at once. `docker kill` counts as a stop by hand, after which no restart policy
 * starts the container: it is started by hand too.
 */
async function killBoth(random: () => number): Promise<void> {
  const [ofUsers, ofOrders] = [await containerOf('user-service'), await containerOf('order-service')]
  for (let i = 0; i < kills; i++) {
    // More often the one that follows: it is ready again sooner, and it is what it writes that is looked at.
    const victim = i % 3 === 0 ? ofUsers : ofOrders
    await eventsAreTaken()
    await pause(random() * 200) // the moment is the point
    await docker('kill', '--signal', 'KILL', victim)
    await docker('start', victim)
  }
}
