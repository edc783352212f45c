import { Histogram, type Registry } from 'prom-client'

/** How many units shared each commit: its count is the number of commits. Answers what is told of each commit. */
export function commitMetrics(registry: Registry): (units: number) => void {
  const unitsPerCommit = new Histogram({
    name: 'database_commit_units',
    help: 'Units of work that shared a commit',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [registry],
  })
  return (units) => {
    unitsPerCommit.observe(units)
  }
}
