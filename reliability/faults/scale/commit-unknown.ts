import { randomUUID } from 'node:crypto'
import { askPort, type Answer } from '../../harness/ask'
import { pause } from '../../harness/eventually'
import type { RunningStack } from '../../harness/running-stack'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Behaviour, Figures } from '../commit-proxy/proxy'
import type { Fault, FaultContext } from '../fault'
import { acknowledge, mustBe, orderRequest, renewToken, signInAdmin, signUpMany, type User } from '../load/callers'
import { settled } from '../load/settled'

const controlPort = 3562
const callers = 20
const creditCents = 1_000_000

interface Tally {
  orders: number
  /** What requests got instead of an order. */
  failures: Record<string, number>
  /** Orders whose repetition returned another one. */
  doubled: string[]
}

/** The connection to PostgreSQL is cut after a COMMIT was sent and before its answer, while callers order with keys. */
export const commitUnknown: Fault<ScaleStack> = {
  name: 'commit-unknown',
  stack: { files: ['reliability/faults/commit-proxy/compose.yml'] },
  run: async ({ stack, journal, over, short, tell }) => {
    const maxCuts = short ? 30 : 500
    await stack.startStack()
    const users = await signUpMany({ stack, journal }, callers)
    await giveCredit({ stack, journal }, users)
    await setProxy({ cut: 0.1 })
    let cuts = 0
    const tally: Tally = { orders: 0, failures: {}, doubled: [] }
    const ordering = users.map(async (user) => {
      while (cuts < maxCuts && !over.aborted) await placeTwice({ stack, journal }, user, tally)
    })
    while (cuts < maxCuts && !over.aborted) {
      await pause(500)
      const { cutAtOnce, cutAfterwards } = await proxyFigures()
      cuts = cutAtOnce + cutAfterwards
    }
    tell(`${cuts} cuts, ${tally.orders} orders, ${JSON.stringify(tally.failures)}`)
    await setProxy({ cut: 0 })
    await Promise.all(ordering)
    const { commits, cutAtOnce, cutAfterwards } = await proxyFigures()
    const { unfinished } = await settled(stack, 30_000)
    const others = Object.keys(tally.failures).filter((status) => status !== '503')
    return {
      done: `${cutAtOnce} connections cut after a COMMIT, and ${cutAfterwards} at its answer, of ${commits} COMMITs during ${tally.orders} orders`,
      figures: [`${tally.failures['503'] ?? 0} responses were a 503`],
      checks: [
        {
          message: `every request that failed got a 503${others.length === 0 ? '' : `, and some ${others.join(', ')}`}`,
          holds: others.length === 0 && (tally.failures['503'] ?? 0) > 0,
        },
        {
          message: `${tally.doubled.length} keys found another order the second time`,
          holds: tally.doubled.length === 0,
          noneOf: tally.orders,
        },
        { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
      ],
    }
  },
}

type World = Pick<FaultContext<RunningStack>, 'stack' | 'journal'>

async function giveCredit({ stack, journal }: World, users: readonly User[]): Promise<void> {
  const { token } = await signInAdmin(stack)
  for (const { id } of users) {
    const request = { method: 'POST', path: `/users/${id}/deposits`, token, key: randomUUID() } as const
    const answer = await stack.ask('user-service', { ...request, body: { amountCents: creditCents } })
    mustBe(answer, 201)
    journal.add({ kind: 'deposit', id: answer.body.id, userId: id, amountCents: creditCents })
  }
}

async function placeTwice(world: World, user: User, tally: Tally): Promise<void> {
  const key = randomUUID()
  const first = acknowledge(world, user, await place(world, user, key, tally), key)
  const again = acknowledge(world, user, await place(world, user, key, tally), key)
  tally.orders += 1
  if (again.id !== first.id) tally.doubled.push(key)
}

/** The same request until there is an order. */
async function place({ stack }: World, user: User, key: string, { failures }: Tally): Promise<Answer> {
  for (;;) {
    const answer = await stack.ask('order-service', orderRequest(user, key)).catch(() => undefined)
    if (answer !== undefined && [200, 201, 202, 402].includes(answer.status)) return answer
    if (answer?.status === 401) await renewToken(stack, user)
    const what = answer === undefined ? 'no response' : String(answer.status)
    if (what !== '401') failures[what] = (failures[what] ?? 0) + 1
    await pause(100)
  }
}

async function setProxy(behaviour: Behaviour): Promise<void> {
  await askPort(controlPort, { method: 'PUT', path: '/', body: behaviour })
}

async function proxyFigures(): Promise<Figures> {
  return (await askPort(controlPort, { path: '/' })).body
}
