import { buckets, Series } from '../src/watch/series'

test('a series says how many there were in its last bucket, and how long they took', () => {
  const series = new Series()
  for (let ms = 1; ms <= 100; ms += 1) series.add(ms)
  series.turn()
  expect(series.points.value.at(-1)).toEqual({ count: 100, p50: 51, p99: 100 })
  series.turn()
  expect(series.points.value.at(-1)).toEqual({ count: 0, p50: 0, p99: 0 })
  expect(series.points.value).toHaveLength(buckets)
})
