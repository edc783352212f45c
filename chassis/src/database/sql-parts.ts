import type { SqlValue, Transaction } from './database'

/** Ends a SELECT whose rows the unit changes: leaves out what another unit has locked. Units on SQLite run one after the other. */
export function skipLocked({ isConcurrent }: Pick<Transaction, 'isConcurrent'>): string {
  return isConcurrent ? 'FOR UPDATE SKIP LOCKED' : ''
}

/**
 * For `IN (…)`: a placeholder for each value, and the values. Some are repeated up to a power of two, so that there are few
 * different statements to prepare.
 */
export function inList<Value extends SqlValue>(values: readonly [Value, ...Value[]]): { marks: string; list: Value[] } {
  const list: Value[] = [...values]
  while (!Number.isInteger(Math.log2(list.length))) list.push(values[0])
  return { marks: list.map(() => '?').join(', '), list }
}
