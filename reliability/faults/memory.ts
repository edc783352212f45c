import { randomUUID } from 'node:crypto'
import { askPort } from '../harness/ask'
import { serviceNames, type ServiceName } from '../harness/compose-stack'
import { pause } from '../harness/eventually'
import type { Check, Fault, FaultContext } from './fault'
import { acknowledge, mustBe, orderRequest, signUpMany, type User } from './load/callers'
import { memoryOf } from './load/inside'
import { muchCredit } from './load/steady-orders'

const callers = 32
const flatMb = 5

interface Sample {
  orders: number
  memory: Record<ServiceName, number>
}

/** More orders than fit into a service's memory under Compose, which is 256 MB. */
export const memory: Fault = {
  name: 'memory',
  stack: { variables: muchCredit },
  run: async ({ stack, journal, over, orders, short, tell }) => {
    const maxOrders = orders ?? (short ? 10_000 : 100_000)
    await stack.startStack()
    const users = await signUpMany({ stack, journal }, callers)
    const began = performance.now()
    const sold = { orders: 0 }
    const selling = Promise.all(users.map((user) => orderOn({ stack, journal, over }, user, sold, maxOrders)))
    const samples: Sample[] = []
    while (sold.orders < maxOrders && !over.aborted) {
      await Promise.race([pause(1000), selling])
      const [ofUsers = 0, ofOrders = 0] = await Promise.all(serviceNames.map((service) => memoryOf(stack, service)))
      samples.push({ orders: sold.orders, memory: { 'user-service': ofUsers, 'order-service': ofOrders } })
      if (samples.length % 10 === 0) tell(`${sold.orders} orders, ${ofUsers.toFixed(0)} and ${ofOrders.toFixed(0)} MB`)
    }
    await selling
    const perSecond = (1000 * maxOrders) / (performance.now() - began)

    const figures = [`${perSecond.toFixed(0)} orders a second`]
    const checks: Check[] = []
    for (const service of serviceNames) {
      const { State, RestartCount, HostConfig } = await stack.inspect(service)
      const killed = State.OOMKilled || RestartCount > 0 || !State.Running
      const limit = HostConfig.Memory / 2 ** 20
      checks.push({
        message: `${service} ${killed ? 'was' : 'was not'} killed at its limit of ${limit} MB`,
        holds: !killed,
      })
      const quarters = [0, 1, 2, 3].map((quarter) => meanOf(samples, service, (quarter * maxOrders) / 4, maxOrders / 4))
      const growth = (quarters[3] ?? Number.NaN) - (quarters[2] ?? Number.NaN)
      figures.push(`${service} ${quarters.map((mb) => mb.toFixed(0)).join(', ')} MB on average in each quarter`)
      checks.push({
        message: `${service} ${growth >= 0 ? '+' : ''}${growth.toFixed(1)} MB from the third quarter to the last, at most +${flatMb}`,
        holds: growth <= flatMb,
      })
    }
    return { done: `${maxOrders} orders by ${callers} callers, ${samples.length} looks at the memory`, figures, checks }
  },
}

async function orderOn(
  world: Pick<FaultContext, 'stack' | 'journal' | 'over'>,
  user: User,
  sold: { orders: number },
  maxOrders: number,
): Promise<void> {
  while (sold.orders < maxOrders && !world.over.aborted) {
    sold.orders += 1
    const key = randomUUID()
    const answer = await askPort(world.stack.ports['order-service'], orderRequest(user, key), 10_000)
    mustBe(answer, 201, 202)
    acknowledge(world, user, answer, key)
  }
}

function meanOf(samples: readonly Sample[], service: ServiceName, from: number, orders: number): number {
  const some = samples.filter((sample) => sample.orders >= from && sample.orders <= from + orders)
  return some.reduce((sum, { memory }) => sum + memory[service], 0) / some.length
}
