/**
 * Follows the events of both services, and says what a user's confirmed orders come to each time that changes. It keeps
 * nothing: each start reads both logs from their beginning.
 */
import { setTimeout as pause } from 'node:timers/promises'

interface Event {
  id: string
  type: string
  data: unknown
}

const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))
const { USER_SERVICE_URL: users = 'http://127.0.0.1:3000', ORDER_SERVICE_URL: orders = 'http://127.0.0.1:3001' } = given
const names = new Map<string, string>()
const totals = new Map<string, number>()
const confirmed = new Set<string>()
let token: string | undefined

// What an answer holds is as the OpenAPI document of its service says; there `GET /events` has the data of each type.
function takeUser({ data }: Event): void {
  const { id, name } = data as { id: string; name: string | null }
  if (name === null) names.delete(id)
  else names.set(id, name)
}

function takeOrder({ type, data }: Event): void {
  const { id, userId, totalCents } = data as { id: string; userId: string; totalCents: number }
  if (type === 'order.confirmed') confirmed.add(id)
  else if (!confirmed.delete(id)) return // it was never counted
  const total = (totals.get(userId) ?? 0) + (type === 'order.confirmed' ? totalCents : -totalCents)
  totals.set(userId, total)
  console.log(`${userId}  ${total} cents  ${printable(names.get(userId) ?? '(no name)')}`)
}

/** Users choose their names: no control character of theirs reaches the terminal. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Takes each event once, in order, and never ends: while the service is away, it tries again and again. */
async function follow(url: string, take: (event: Event) => void, forget: () => void, onCaughtUp?: () => void) {
  let lastEventId = ''
  let timeout = 0
  for (;;) {
    try {
      const answer = await getAsAdmin(`${url}/events?limit=1000&timeout=${timeout}&lastEventId=${lastEventId}`)
      if (answer.status === 400 && lastEventId !== '') {
        lastEventId = '' // an older copy of the log was put in its place
        forget()
        continue
      }
      if (!answer.ok) throw new Error(`status ${answer.status}`)
      const events = (await answer.json()) as Event[]
      for (const event of events) {
        take(event)
        lastEventId = event.id
      }
      if (events.length > 0) continue
      onCaughtUp?.()
      timeout = 20_000
      await pause(100) // one that is stopping answers at once
    } catch (error) {
      console.error(`order-totals: ${url} cannot be read, tries again: ${printable(String(error))}`)
      await pause(1_000)
    }
  }
}

async function getAsAdmin(url: string): Promise<Response> {
  const answer = await send('GET', url, (token ??= await swapKey()))
  if (answer.status !== 401) return answer
  token = await swapKey() // the last one has run out
  return send('GET', url, token)
}

async function swapKey(): Promise<string> {
  const answer = await send('POST', `${users}/tokens`, given.ADMIN_KEY ?? '')
  if (!answer.ok) throw new Error(`POST /tokens: status ${answer.status}`)
  return ((await answer.json()) as { accessToken: string }).accessToken
}

function send(method: string, url: string, credential: string): Promise<Response> {
  return fetch(url, { method, headers: { authorization: `Bearer ${credential}` }, signal: AbortSignal.timeout(30_000) })
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
if (given.ADMIN_KEY === undefined) {
  console.error('order-totals: ADMIN_KEY must be set to the key of the administrator')
  process.exit(1)
}
// The names first: from then on, whoever orders has signed up before.
const forgetOrders = () => {
  totals.clear()
  confirmed.clear()
}
const named = new Promise<void>((onCaughtUp) => void follow(users, takeUser, () => names.clear(), onCaughtUp))
void named.then(() => follow(orders, takeOrder, forgetOrders))
