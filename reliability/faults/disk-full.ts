import { randomUUID } from 'node:crypto'
import { askPort, type Answer, type Request } from '../harness/ask'
import { serviceNames, type ComposeStack, type ServiceName } from '../harness/compose-stack'
import { eventually } from '../harness/eventually'
import type { Check, Fault, FaultContext } from './fault'
import { acknowledge, orderRequest, signUpMany, type User } from './load/callers'
import { openLoop } from './load/open-loop'
import { settled } from './load/settled'
import { muchCredit } from './load/steady-orders'

const perSecond = 50
const callers = 10 // one alone would have more unfinished orders than a user may have

/** The volume of either service has no room left, down to the last byte, and later has some again. */
export const diskFull: Fault = {
  name: 'disk-full',
  stack: {
    files: ['reliability/faults/disk-full.compose.yml'],
    variables: { ...muchCredit, RATE_LIMIT_PER_MINUTE: '0' },
  },
  run: async (context) => {
    const { stack, journal, short, tell } = context
    const seconds = short ? 3 : 20
    await stack.startStack()
    const users = await signUpMany({ stack, journal }, callers)
    let turn = 0
    const nextUser = (): User => {
      const user = users[turn++ % users.length]
      if (user === undefined) throw new Error('there are no users')
      return user
    }
    const processes = await startTimes(stack)
    const done: string[] = []
    const checks: Check[] = []
    for (const full of serviceNames) {
      await fill(stack, full)
      const { responses, faults } = await callBoth(context, nextUser, seconds)
      const readable = (await ask(stack, 'order-service', { path: '/orders', token: nextUser().token })).status === 200
      await stack.compose('exec', '-T', full, 'rm', '/data/filler')
      const freed = performance.now()
      await eventually(30_000, `${full} goes on`, async () => {
        const retried = [await placeOrder(context, nextUser()), await signUpOnce(context)]
        return retried.every(({ status }) => status === 201) || undefined
      })
      const backMs = performance.now() - freed
      const { unfinished } = await settled(stack, 30_000)
      done.push(`the volume of ${full} full for ${seconds} s (${responses})`)
      tell(`${full}: ${responses}`)
      const [fault] = faults
      checks.push(
        {
          message: `${full} full: ${fault ?? '503 with Retry-After, or done all the same'}`,
          holds: fault === undefined,
        },
        { message: `${full} full: orders can be read`, holds: readable },
        {
          message: `worked again ${(backMs / 1000).toFixed(1)} s after space was freed, ${unfinished} unsettled`,
          holds: unfinished === 0,
        },
      )
    }
    const same = (await startTimes(stack)).join() === processes.join()
    return {
      done: done.join(', then '),
      figures: [],
      checks: [...checks, { message: 'both processes still run', holds: same }],
    }
  },
}

/** Writes as much as there is room for, page by page at last. */
async function fill({ inContainer }: ComposeStack, service: ServiceName): Promise<void> {
  await inContainer(
    service,
    `const { openSync, writeSync } = require('node:fs')
     const file = openSync('/data/filler', 'w')
     for (const size of [1 << 20, 1 << 12]) {
       try {
         for (;;) writeSync(file, Buffer.alloc(size))
       } catch ({ code }) {
         if (code !== 'ENOSPC') throw new Error(code)
       }
     }
     console.log(true)`,
  )
}

/** Orders and sign-ups while a volume is full. Answers how often they were answered how, and what should not be so. */
async function callBoth(context: FaultContext, nextUser: () => User, seconds: number) {
  const { over } = context
  const goOn = (atMs: number) => !over.aborted && atMs < seconds * 1000
  const [orders, users] = await Promise.all([
    openLoop(perSecond, goOn, () => placeOrder(context, nextUser())),
    openLoop(perSecond, goOn, () => signUpOnce(context)),
  ])
  const statuses = (calls: typeof orders) =>
    Object.entries(Object.groupBy(calls, ({ result }) => result?.status ?? 0))
      .map(([status, { length } = []]) => `${length} × ${status}`)
      .join(', ')
  const all = [...orders, ...users].map(({ result }) => result)
  const faults = all.flatMap((answer) => faultOf(answer) ?? [])
  const refused = all.filter((answer) => answer?.status === 503).length
  if (refused === 0) faults.push('nobody noticed')
  return { responses: `orders ${statuses(orders)}; sign-ups ${statuses(users)}`, faults }
}

function faultOf(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return 'no answer'
  const { status, headers, body } = answer
  if (status === 201 || status === 202) return undefined
  const found = `${status} ${headers.get('content-type')} ${body?.code} Retry-After ${headers.get('retry-after')}`
  return /^503 application\/problem\+json.* unavailable Retry-After \d+$/.test(found) ? undefined : found
}

async function placeOrder({ stack, journal }: FaultContext, user: User): Promise<Answer> {
  const key = randomUUID()
  const answer = await ask(stack, 'order-service', orderRequest(user, key))
  if (answer.status < 300) acknowledge({ journal }, user, answer, key)
  return answer
}

async function signUpOnce({ stack, journal }: FaultContext): Promise<Answer> {
  const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
  const answer = await ask(stack, 'user-service', { method: 'POST', path: '/users', body })
  if (answer.status === 201) journal.add({ kind: 'user', id: answer.body.id })
  return answer
}

function ask({ ports }: ComposeStack, service: ServiceName, request: Request): Promise<Answer> {
  return askPort(ports[service], request)
}

async function startTimes({ docker, containerOf }: ComposeStack): Promise<string[]> {
  const containers = await Promise.all(serviceNames.map((service) => containerOf(service)))
  return Promise.all(
    containers.map((it) => docker('inspect', '--format', '{{.State.StartedAt}} {{.RestartCount}}', it)),
  )
}
