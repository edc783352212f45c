import { isFlat, lastThirds } from '../../fuzz/flat-memory'

const mb = 1024

describe('The memory of a run', () => {
  it('is flat if the last third owns no more than the one before', () => {
    const samples = [40, 60, 80, 82, 81, 83, 82, 84, 81].map((value) => value * mb)
    expect(isFlat(samples)).toBe(true)
    expect(lastThirds(samples)).toEqual([82 * mb, 82 * mb])
  })

  it('is not flat if it grows by a quarter', () => {
    expect(isFlat([80, 80, 80, 100, 100, 100, 125, 125, 125].map((value) => value * mb))).toBe(false)
  })
})
