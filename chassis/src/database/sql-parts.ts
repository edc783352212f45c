import type { Transaction } from './database'

/** Ends a SELECT whose rows the unit changes: leaves out what another unit has locked. Units on SQLite run one after the other. */
export function skipLocked({ isConcurrent }: Pick<Transaction, 'isConcurrent'>): string {
  return isConcurrent ? 'FOR UPDATE SKIP LOCKED' : ''
}

/**
 * For `IN (…)`: a placeholder for each value, and the values. Some are repeated up to a power of two, so that there are few
 * different statements to prepare.
 */
export function inList(values: readonly string[]): { marks: string; list: string[] } {
  const list = padded(values)
  return { marks: list.length === 0 ? 'NULL' : list.map(() => '?').join(', '), list }
}

/** The same for `VALUES …` of an INSERT that ignores conflicts: a row for each value, with `before` in front of it. */
export function rowsOf(before: string, values: readonly string[]): { rows: string; list: string[] } {
  const list = padded(values)
  return { rows: list.map(() => '(?, ?)').join(', '), list: list.flatMap((value) => [before, value]) }
}

function padded(values: readonly string[]): string[] {
  const list = [...values]
  const [first] = values
  while (first !== undefined && !Number.isInteger(Math.log2(list.length))) list.push(first)
  return list
}
