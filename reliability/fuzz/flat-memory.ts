const allowedGrowth = 1.05
const allowedKb = 4 * 1024 // what one collection more or less makes of it

/** Whether a process owned no more in the last third of a run than in the one before; the first one warms up. */
export function isFlat(samples: readonly number[]): boolean {
  const [middle, last] = lastThirds(samples)
  return last <= middle * allowedGrowth + allowedKb
}

/** The medians of the second and the last third. */
export function lastThirds(samples: readonly number[]): [middle: number, last: number] {
  const third = Math.floor(samples.length / 3)
  return [median(samples.slice(third, 2 * third)), median(samples.slice(2 * third))]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
