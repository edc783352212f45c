import { isFlat, lastThirds } from '../../fuzz/flat-memory'

const mb = 1024

describe('The memory of a run', () => {
  it('is flat if the last third owns no more than the one before', () => {
    const samples = [40, 60, 80, 82, 81, 83, 82, 84, 81].map((value) => value * mb)
    expect(isFlat(samples)).toBe(true)
    expect(lastThirds(samples)).toEqual([82 * mb, 82 * mb])
  })

  it.each([
    ['a quarter', [80, 80, 80, 100, 100, 100, 125, 125, 125]],
    ['200 bytes for each of 100 000 requests', [28, 30, 32, 34, 36, 38, 41, 43, 45]],
  ])('is not flat if it grows by %s', (_what, samples) => {
    expect(isFlat(samples.map((value) => value * mb))).toBe(false)
  })
})
