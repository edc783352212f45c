import { DatabaseUnavailable } from '../unavailable'

interface Told {
  code?: unknown
  message?: unknown
}

/** SQLSTATE: serialization failure, deadlock; and a key that another transaction has just inserted. */
const retried = new Set(['40001', '40P01', '23505'])
/**
 * Classes of SQLSTATE: connection exception, transaction rollback, insufficient resources, operator intervention (a
 * time-out or shut-down); and single states: lock time-out, read only (a standby), idle in a transaction.
 */
const passing = /^(08|40|53|57|55P03|25006|25P03)/
const ofConnection = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])
// pg has no codes for these.
const withoutCode =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client has)/

export function isRetried(error: unknown): boolean {
  return retried.has(codeOf(error))
}

/** The error itself, or a DatabaseUnavailable if the database could not be used. */
export function classified(error: unknown): unknown {
  const { message } = (error ?? {}) as Told
  const code = codeOf(error)
  const isPassing =
    passing.test(code) || ofConnection.has(code) || (typeof message === 'string' && withoutCode.test(message))
  return isPassing ? new DatabaseUnavailable(error) : error
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as Told
  return typeof code === 'string' ? code : ''
}
