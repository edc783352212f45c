/**
 * Measures what an order costs in each size: what `npm run measure-scale` does. Progress goes to stderr, the figures to
 * stdout. Whatever it starts or makes is gone when it ends.
 */
import { randomUUID } from 'node:crypto'
import { availableParallelism, loadavg } from 'node:os'
import { askPort, type Request } from '../harness/ask'
import { composeStack, serviceNames, type ServiceName } from '../harness/compose-stack'
import type { RunningStack } from '../harness/running-stack'
import { scaleStack } from '../harness/scale-stack'
import { orderRequest, signInAdmin, signUpMany, type User } from '../faults/load/callers'
import { Journal } from '../faults/load/journal'
import { readArguments } from '../../scripts/read-arguments.mjs'

const usage = `Usage: npm run measure-scale

Measures the processor time that an order takes in each container, with SQLite, with PostgreSQL and one replica of each
service, and with three; and how long it takes to read a million events page by page on PostgreSQL. Needs Docker, and
takes some minutes.`
readArguments({ name: 'measure-scale', usage })

const callers = 32
const warmUp = 500
const orders = 3_000
const rounds = 2
const longLog = 1_000_000
const variables = { RATE_LIMIT_PER_MINUTE: '0', SIGNUP_CREDIT_CENTS: '1000000000' }

type Measured = RunningStack & Pick<typeof large, 'containersOf' | 'removeStack'>

interface Size {
  name: string
  stack: Measured
  containers: readonly string[]
  start(): Promise<unknown>
}

const ports = { 'user-service': 3450, 'order-service': 3451, gateway: 3452 }
const small = composeStack({ project: 'tandem-measure-small', ports, variables })
const large = scaleStack({ project: 'tandem-measure-scale', gatewayPort: 3453, variables })
const byGateway = (service: ServiceName, request: Request) =>
  askPort(ports.gateway, { ...request, path: `/${service}${request.path}` }, 30_000)
const ofLarge = ['gateway', ...serviceNames, 'postgres', 'rabbitmq']

const sizes: readonly Size[] = [
  {
    name: 'SQLite, 1 + 1',
    stack: { ...small, ask: byGateway },
    containers: ['gateway', ...serviceNames],
    start: () => small.compose('up', '--build', '--wait'),
  },
  ...[1, 3].map((count) => ({
    name: `PostgreSQL, ${count} + ${count}`,
    stack: large,
    containers: ofLarge,
    start: () =>
      large.compose('up', '--build', '--wait', ...serviceNames.flatMap((it) => ['--scale', `${it}=${count}`])),
  })),
]

interface Figures {
  ordersPerSecond: number
  p50: number
  p99: number
  /** Microseconds of processor time for each order, by container. */
  cpu: Record<string, number>
}

async function measure({ name, stack, containers, ...size }: Size): Promise<Figures> {
  await size.start()
  const users = await signUpMany({ stack, journal: new Journal() }, callers)
  await signInAdmin(stack)
  await placeOrders(stack, users, warmUp)
  const before = await cpuOf(stack, containers)
  const began = performance.now()
  const times = (await placeOrders(stack, users, orders)).toSorted((a, b) => a - b)
  const seconds = (performance.now() - began) / 1000
  const after = await cpuOf(stack, containers)
  const cpu = Object.fromEntries(containers.map((it) => [it, ((after[it] ?? NaN) - (before[it] ?? NaN)) / orders]))
  await stack.removeStack()
  const figures = {
    ordersPerSecond: orders / seconds,
    p50: times[Math.floor(orders * 0.5)] ?? NaN,
    p99: times[Math.floor(orders * 0.99)] ?? NaN,
    cpu,
  }
  console.error(`${name}: ${JSON.stringify(figures)}`)
  return figures
}

/** Returns how long each took, in milliseconds. */
async function placeOrders(stack: Measured, users: readonly User[], count: number): Promise<number[]> {
  const times: number[] = []
  let left = count
  const ordering = users.map(async (user) => {
    while (left > 0) {
      left -= 1
      const began = performance.now()
      const answer = await stack.ask('order-service', orderRequest(user, randomUUID()), 30_000)
      if (answer.status !== 201) throw new Error(`an order got ${answer.status}: ${JSON.stringify(answer.body)}`)
      times.push(performance.now() - began)
    }
  })
  await Promise.all(ordering)
  return times
}

/** Microseconds that the containers of each service have used. */
async function cpuOf(stack: Measured, services: readonly string[]): Promise<Record<string, number>> {
  const used: Record<string, number> = {}
  for (const service of services) {
    const containers = await stack.containersOf(service)
    const each = await Promise.all(containers.map((it) => cpuOfContainer(stack, it)))
    used[service] = each.reduce((sum, microseconds) => sum + microseconds, 0)
  }
  return used
}

/** In microseconds with cgroup 2, in nanoseconds with cgroup 1. */
async function cpuOfContainer(stack: Measured, container: string): Promise<number> {
  const read = (file: string) => stack.docker('exec', container, 'cat', `/sys/fs/cgroup/${file}`)
  const isCgroup2 = (await stack.docker('info', '--format', '{{.CgroupVersion}}')).trim() === '2'
  if (!isCgroup2) return Number(await read('cpuacct/cpuacct.usage')) / 1000
  return Number(/^usage_usec (\d+)$/m.exec(await read('cpu.stat'))?.[1])
}

/** Fills the log of user-service and reads it from its beginning, by the gateway. Returns what to say of it. */
async function readLongLog(): Promise<string> {
  await large.compose('up', '--build', '--wait', ...serviceNames.flatMap((it) => ['--scale', `${it}=1`]))
  const hex = (digits: number, n: string) => `lpad(to_hex(${n}), ${digits}, '0')`
  const id = `${hex(8, 'n')} || '-0000-7000-8000-' || ${hex(12, 'n')}` // ids grow, as those of the service do
  const fill = `
    INSERT INTO events (sequence, id, type, subject, time, data)
    SELECT n, ${id}, 'user.created', ${id}, '2026-01-01T00:00:00.000Z',
      json_build_object('id', ${id}, 'name', 'User ' || n, 'version', 1)::text
    FROM generate_series(1, ${longLog}) AS n;
    ANALYZE events;`
  await large.compose('exec', '-T', 'postgres', 'psql', '-qU', 'postgres', '-d', 'users', '-c', fill)
  let { token } = await signInAdmin(large)
  const times: number[] = []
  const began = performance.now()
  let last: string | undefined
  for (let read = 0; read < longLog;) {
    const path = `/events?limit=1000${last === undefined ? '' : `&lastEventId=${last}`}`
    const asked = performance.now()
    const answer = await large.ask('user-service', { path, token }, 30_000)
    if (answer.status === 401) {
      token = (await signInAdmin(large)).token
      continue
    }
    const events = answer.body as { id: string }[]
    if (answer.status !== 200 || events.length === 0) throw new Error(`${path} got ${answer.status}`)
    times.push(performance.now() - asked)
    read += events.length
    last = events.at(-1)?.id
  }
  const seconds = (performance.now() - began) / 1000
  await large.removeStack()
  const [first, end] = [median(times.slice(0, 100)), median(times.slice(-100))]
  return `${longLog} events in pages of 1000 from PostgreSQL, by the gateway: ${seconds.toFixed(0)} s; a page takes ${first.toFixed(1)} ms at the beginning and ${end.toFixed(1)} ms at the end (medians of 100)`
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[sorted.length / 2 - 1] ?? NaN)) / 2
}

async function main(): Promise<void> {
  const [load = NaN] = loadavg()
  const results = sizes.map(() => [] as Figures[])
  for (let round = 0; round < rounds; round++)
    // in turns, so that a change of the machine's load meets all
    for (const [i, size] of sizes.entries()) results[i]?.push(await measure(size))
  console.log(
    `\nMeasured by \`npm run measure-scale\` with ${callers} callers and ${rounds} times ${orders} orders (${availableParallelism()} cores, load ${load.toFixed(1)} before); medians:\n`,
  )
  const sums = results.map((of) => median(of.map(({ cpu }) => Object.values(cpu).reduce((sum, it) => sum + it, 0))))
  console.log(
    `| | orders/s | p50, p99 ms | µs of processor time for each order: ${ofLarge.join(', ')} | all | of SQLite's |`,
  )
  console.log('|---|---|---|---|---|---|')
  for (const [i, { name, containers }] of sizes.entries()) {
    const of = results[i] ?? []
    const cpu = ofLarge.map((it) =>
      containers.includes(it) ? median(of.map((f) => f.cpu[it] ?? NaN)).toFixed(0) : '–',
    )
    const rate = median(of.map((f) => f.ordersPerSecond)).toFixed(0)
    const times = [median(of.map((f) => f.p50)), median(of.map((f) => f.p99))].map((ms) => ms.toFixed(0)).join(', ')
    const sum = sums[i] ?? NaN
    console.log(
      `| ${name} | ${rate} | ${times} | ${cpu.join(', ')} | ${sum.toFixed(0)} | ${(sum / (sums[0] ?? NaN)).toFixed(1)} |`,
    )
  }
  console.log(`\n${await readLongLog()}`)
}

void main().catch(async (error: unknown) => {
  console.error(error)
  process.exitCode = 1
  await Promise.all([small.removeStack(), large.removeStack()])
})
