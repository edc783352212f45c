import type { Figures, ShopFigures } from '../../bench/beside-yardsticks'
import type { Growth } from '../../bench/growth'

const run = (rate: number, p99Ms: number) => ({
  requests: rate,
  accepted: 0,
  seconds: 1,
  rate,
  p50Ms: p99Ms / 2,
  p99Ms,
})

/** Three rounds; in the second, the whole machine was ten times as slow. */
function shop(rate: number, cpu: number): ShopFigures {
  const each = { users: cpu, orders: 2 * cpu }
  return {
    startMs: { users: 100, orders: 200 },
    runs: {
      post: [run(rate, 10), run(rate / 10, 100), run(rate, 10)],
      get: [run(rate * 4, 5), run((rate * 4) / 10, 50), run(rate * 4, 5)],
    },
    cpu: { post: [each, each, each], get: [each, each, each] },
    memoryMb: { rest: { users: 30, orders: 31 }, after: { users: 50, orders: 60 } },
  }
}

export const figures: Figures = { naive: shop(2000, 100), floor: shop(4000, 50), tandem: shop(1000, 200) }

export const growth: Growth[] = [1000, 800].map((rate, i) => ({
  orders: [1000, 1_000_000][i] ?? NaN,
  post: [run(rate, 10), run(rate / 10, 100), run(rate, 10)],
  firstPage: [run(2 * rate, 5), run(2 * rate, 5), run(2 * rate, 5)],
  deepPage: [run(3 * rate, 5), run(3 * rate, 5), run(3 * rate, 5)],
  cpu: [400, 500, 400].map((cpu) => cpu * (i + 1)),
}))
