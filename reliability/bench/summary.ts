import type { Figures, PerProcess, RouteName, ShopFigures } from './beside-yardsticks'
import type { Growth } from './growth'
import type { Measured } from './load'
import { shopNames, type ShopName } from './shop-names'
import { median, medianRatio } from './statistics'

interface Speed {
  /** See `Measured`; in all rounds. */
  accepted: number
  rate: number
  p50Ms: number
  p99Ms: number
}

export interface ShopSummary extends Record<RouteName, Speed> {
  startMs: PerProcess
  cpuMicroseconds?: Record<RouteName, PerProcess>
  memoryMb?: { rest: PerProcess; after: PerProcess }
}

/** Tandem's figure divided by that of each yardstick. */
export interface Ratio {
  figure: string
  toNaive: number
  toFloor: number
}

export interface GrowthSummary {
  orders: number
  post: Speed
  firstPage: Speed
  deepPage: Speed
  /** Of the rates: divided by those at the smallest size. */
  postRatio: number
  firstPageRatio: number
  deepPageRatio: number
  /** Microseconds for each POST; and divided by those at the smallest size. */
  cpuMicroseconds?: number
  cpuRatio?: number
}

export interface Summary {
  shops: Record<ShopName, ShopSummary>
  ratios: Ratio[]
  growth: GrowthSummary[]
}

/** Medians over the rounds. */
export function summarise(figures: Figures, growth: readonly Growth[]): Summary {
  const shops = Object.fromEntries(shopNames.map((name) => [name, shopSummary(figures[name])]))
  return {
    shops: shops as Record<ShopName, ShopSummary>,
    ratios: ratiosOf(figures),
    growth: growth.map((size) => growthSummary(size, growth[0] ?? size)),
  }
}

function shopSummary({ startMs, runs, cpu, memoryMb }: ShopFigures): ShopSummary {
  return {
    post: speedOf(runs.post),
    get: speedOf(runs.get),
    startMs,
    ...(cpu && { cpuMicroseconds: { post: medianOf(cpu.post), get: medianOf(cpu.get) } }),
    ...(memoryMb && { memoryMb }),
  }
}

function growthSummary({ orders, cpu, ...runs }: Growth, smallest: Growth): GrowthSummary {
  const ratio = (of: 'post' | 'firstPage' | 'deepPage') => medianRatio(rates(runs[of]), rates(smallest[of]))
  return {
    orders,
    post: speedOf(runs.post),
    firstPage: speedOf(runs.firstPage),
    deepPage: speedOf(runs.deepPage),
    postRatio: ratio('post'),
    firstPageRatio: ratio('firstPage'),
    deepPageRatio: ratio('deepPage'),
    ...(cpu.length > 0 && { cpuMicroseconds: median(cpu), cpuRatio: medianRatio(cpu, smallest.cpu) }),
  }
}

function ratiosOf(figures: Figures): Ratio[] {
  const compare = (figure: string, valuesOf: (shop: ShopFigures) => number[]): Ratio => {
    const [naive, floor, tandem] = [figures.naive, figures.floor, figures.tandem].map(valuesOf)
    return { figure, toNaive: medianRatio(tandem ?? [], naive ?? []), toFloor: medianRatio(tandem ?? [], floor ?? []) }
  }
  const cpuOf = (route: RouteName) => (shop: ShopFigures) =>
    (shop.cpu?.[route] ?? []).map(({ users, orders }) => users + orders)
  const of = [
    compare('POST a second', ({ runs }) => rates(runs.post)),
    compare('POST p99', ({ runs }) => runs.post.map(({ p99Ms }) => p99Ms)),
    compare('GET a second', ({ runs }) => rates(runs.get)),
    compare('GET p99', ({ runs }) => runs.get.map(({ p99Ms }) => p99Ms)),
  ]
  if (figures.tandem.cpu === undefined) return of
  return [...of, compare('CPU time of a POST', cpuOf('post')), compare('CPU time of a GET', cpuOf('get'))]
}

function rates(runs: readonly Measured[]): number[] {
  return runs.map(({ rate }) => rate)
}

function speedOf(runs: readonly Measured[]): Speed {
  return {
    accepted: runs.reduce((sum, { accepted }) => sum + accepted, 0),
    rate: median(rates(runs)),
    p50Ms: median(runs.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(runs.map(({ p99Ms }) => p99Ms)),
  }
}

function medianOf(each: readonly PerProcess[]): PerProcess {
  return { users: median(each.map(({ users }) => users)), orders: median(each.map(({ orders }) => orders)) }
}
