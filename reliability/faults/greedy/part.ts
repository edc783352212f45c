import type { Check, FaultContext } from '../fault'

/** One way in which a caller takes more than its share. Both services are healthy when it begins. */
export interface Part {
  name: string
  run(context: FaultContext): Promise<PartOutcome>
}

export interface PartOutcome {
  /** What was done, with its numbers. */
  done: string
  /** What was measured, each with its unit. */
  figures: string[]
  checks: Check[]
}

/** The same checks, each with what it is about in front. */
export function named(what: string, checks: readonly Check[]): Check[] {
  return checks.map((check) => ({ ...check, message: `${what}: ${check.message}` }))
}
