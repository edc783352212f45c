import { setTimeout as pause } from 'node:timers/promises'
import { memoryOf, processorMs, stop, inNewFolder } from '../measure/processes.mjs'
import { load, type Measured } from './load'
import type { Options } from './options'
import { roles, shopNames, type Role, type ShopName } from './shop-names'
import { requestsOf, shops } from './shops'
import { median } from './statistics'
import { whenConfirmed } from './stored-orders'

/** One figure for each process of a shop. */
export type PerProcess = Record<Role, number>
const routes = ['post', 'get'] as const
export type RouteName = (typeof routes)[number]

/** What was measured of one shop; arrays have an entry for each round. */
export interface ShopFigures {
  startMs: PerProcess
  runs: Record<RouteName, Measured[]>
  /** Microseconds of processor time for each request. Undefined without /proc, as the memory is. */
  cpu: Record<RouteName, PerProcess[]> | undefined
  memoryMb: { rest: PerProcess; after: PerProcess } | undefined
}

export type Figures = Record<ShopName, ShopFigures>

export interface Place {
  folder: string
  options: Options
  tell: (line: string) => void
}

interface Running {
  name: ShopName
  processes: Record<Role, Awaited<ReturnType<(typeof shops)['naive']['start']>>['child']>
  acknowledged: number
  figures: ShopFigures
}

export const hasProc = process.platform === 'linux'
const warmUpSeconds = 2

export async function measureBesideYardsticks({ folder, options, tell }: Place): Promise<Figures> {
  const startMs = await startTimes(folder, options.starts)
  const running: Running[] = []
  for (const name of shopNames) running.push(await startShop(name, folder, startMs[name]))
  await noteMemory(running, 'rest', options)
  for (const shop of running) await send(shop, 'post', { seconds: Math.min(warmUpSeconds, options.seconds) })
  for (let round = 0; round < options.rounds; round++) {
    const first = round % running.length // nobody is always first
    for (const shop of [...running.slice(first), ...running.slice(0, first)]) {
      await measureRound(shop, options)
      const rates = routes.map((route) => Math.round(shop.figures.runs[route].at(-1)?.rate ?? NaN))
      tell(`round ${round + 1}, ${shop.name}: ${rates.join(' POST and ')} GET a second`)
    }
  }
  await noteMemory(running, 'after', options)
  for (const { name, processes, acknowledged } of running) {
    const file = shops[name].file?.(folder)
    if (file !== undefined) await whenConfirmed(file, acknowledged)
    for (const role of roles) await stop(processes[role])
  }
  return Object.fromEntries(running.map(({ name, figures }) => [name, figures])) as Figures
}

/** Each process alone, on a new database; in turns. */
async function startTimes(folder: string, count: number): Promise<Record<ShopName, PerProcess>> {
  const times = forEachShop(() => ({ users: [] as number[], orders: [] as number[] }))
  for (let i = 0; i < count; i++)
    for (const name of shopNames)
      for (const role of roles)
        await inNewFolder(async (own: string) => {
          const { child, readyMs } = await shops[name].start(role, own)
          times[name][role].push(readyMs)
          await stop(child)
        }, folder)
  return forEachShop((name) => ({ users: median(times[name].users), orders: median(times[name].orders) }))
}

async function startShop(name: ShopName, folder: string, startMs: PerProcess): Promise<Running> {
  const { child: users } = await shops[name].start('users', folder)
  const { child: orders } = await shops[name].start('orders', folder)
  const zero = () => ({ users: NaN, orders: NaN })
  const figures: ShopFigures = {
    startMs,
    runs: { post: [], get: [] },
    cpu: hasProc ? { post: [], get: [] } : undefined,
    memoryMb: hasProc ? { rest: zero(), after: zero() } : undefined,
  }
  return { name, processes: { users, orders }, acknowledged: 0, figures }
}

async function measureRound(shop: Running, { seconds, requests }: Options): Promise<void> {
  for (const route of routes) shop.figures.runs[route].push(await send(shop, route, { seconds }))
  if (shop.figures.cpu === undefined) return
  for (const route of routes) {
    const before = perProcess(shop, processorMs)
    await send(shop, route, { requests })
    const after = perProcess(shop, processorMs)
    const each = (role: Role) => ((after[role] - before[role]) * 1000) / requests
    shop.figures.cpu[route].push({ users: each('users'), orders: each('orders') })
  }
}

async function send(shop: Running, route: RouteName, amount: { seconds: number } | { requests: number }) {
  const { port, ...texts } = await requestsOf(shop.name)
  const measured = await load({ port, request: texts[route], ...amount })
  shop.acknowledged += 1 + (route === 'post' ? measured.requests : 0) // the one is the order that is asked for
  return measured
}

async function noteMemory(running: readonly Running[], when: 'rest' | 'after', { restMs }: Options): Promise<void> {
  await pause(restMs)
  for (const shop of running)
    if (shop.figures.memoryMb !== undefined)
      shop.figures.memoryMb[when] = perProcess(shop, (pid: number) => memoryOf(pid).RssAnon)
}

function perProcess({ processes: { users, orders } }: Running, of: (pid: number) => number): PerProcess {
  return { users: of(users.pid ?? NaN), orders: of(orders.pid ?? NaN) }
}

function forEachShop<T>(make: (name: ShopName) => T): Record<ShopName, T> {
  return { naive: make('naive'), floor: make('floor'), tandem: make('tandem') }
}
