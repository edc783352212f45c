export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[sorted.length / 2 - 1] ?? NaN)) / 2
}

/**
 * The median, over the rounds, of the ratio within a round: what slows the whole machine down for a round does not change
 * it.
 */
export function medianRatio(values: readonly number[], others: readonly number[]): number {
  if (values.length !== others.length) throw new Error(`${values.length} rounds cannot be compared to ${others.length}`)
  return median(values.map((value, round) => value / (others[round] ?? NaN)))
}
