import { summarise } from '../../bench/summary'
import { median, medianRatio } from '../../bench/statistics'
import { tablesOf } from '../../bench/report'
import { figures, growth } from './example-figures'

test('the median of an even number of values lies between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
})

test('a ratio compares what was measured in the same round', () => {
  expect(medianRatio([10, 1, 30], [20, 2, 10])).toBe(0.5) // not the ratio of the medians, which is 1
})

test('rounds that do not belong together are not compared', () => {
  expect(() => medianRatio([1, 2], [1])).toThrow('2 rounds cannot be compared to 1')
})

test('ratios divide the figures of Tandem by those of each yardstick', () => {
  const { ratios } = summarise(figures, growth)
  expect(ratios).toEqual([
    { figure: 'POST a second', toNaive: 0.5, toFloor: 0.25 },
    { figure: 'POST p99', toNaive: 1, toFloor: 1 },
    { figure: 'GET a second', toNaive: 0.5, toFloor: 0.25 },
    { figure: 'GET p99', toNaive: 1, toFloor: 1 },
    { figure: 'CPU time of a POST', toNaive: 2, toFloor: 4 },
    { figure: 'CPU time of a GET', toNaive: 2, toFloor: 4 },
  ])
})

test('growth is compared with the smallest size', () => {
  const [first, last] = summarise(figures, growth).growth
  expect(first).toMatchObject({ orders: 1000, postRatio: 1, firstPageRatio: 1, deepPageRatio: 1 })
  expect(last).toMatchObject({ orders: 1_000_000, postRatio: 0.8, firstPageRatio: 0.8, deepPageRatio: 0.8 })
  expect(last?.deepPage).toEqual({ accepted: 0, rate: 2400, p50Ms: 2.5, p99Ms: 5 })
})

test('the tables say so if there is no /proc to read', () => {
  const without = { ...figures.tandem, cpu: undefined, memoryMb: undefined }
  const ofGrowth = growth.map((size) => ({ ...size, cpu: [] }))
  const summary = summarise({ naive: without, floor: without, tandem: without }, ofGrowth)
  expect(summary.ratios.map(({ figure }) => figure)).not.toContain('CPU time of a POST')
  const tables = tablesOf(summary)
  expect(tables).toMatch(/^\| memory after the run.*not measured: no \/proc/m)
  expect(tables).toMatch(/^\| 1000000 .*not measured: no \/proc/m)
  expect(tables).not.toContain('NaN')
})

test('the tables hold the medians, the ratios and the growth', () => {
  const tables = tablesOf(summarise(figures, growth))
  expect(tables).toMatch(/^\| POST \/orders a second +\| 2000 +\| 4000 +\| 1000 +\|$/m)
  expect(tables).toMatch(
    /^\| CPU time of a POST, users \+ orders +\| 100 \+ 200 µs +\| 50 \+ 100 µs +\| 200 \+ 400 µs +\|$/m,
  )
  expect(tables).toMatch(/^\| POST a second +\| 0\.50 +\| 0\.25 +\|$/m)
  expect(tables).toMatch(/^\| 1000000 +\| 800, × 0\.80 +\| 800 µs, × 2\.00 +\| 1600, × 0\.80 +\| 2400, × 0\.80 +\|$/m)
})
