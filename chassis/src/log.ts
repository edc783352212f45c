import pino from 'pino'
import type { RecentLines } from './recent-lines'
import { traceFields } from './tracing/tracing'

// What errors of a database have beside their message: values of rows, which can be names, addresses or keys.
const unlogged = ['detail', 'where', 'internalQuery', 'parameters']

function withoutValues(error: Error): object {
  const entries = Object.entries(pino.stdSerializers.err(error))
  return Object.fromEntries(entries.filter(([name]) => !unlogged.includes(name)))
}

export type Log = pino.Logger

interface Options {
  service: string
  level: string
  /** Is given each line, too. */
  recentLines?: RecentLines | undefined
}

/** Buffered: a SIGKILL loses at most 8 kB or 250 ms. Log fields one by one, never a body, header or token. */
export function createLog({ service, level, recentLines }: Options): Log {
  const destination = pino.destination({ sync: true, minLength: 8192, periodicFlush: 250 })
  process.once('exit', () => {
    destination.flushSync()
  })
  const formatters = { level: (label: string) => ({ level: label }) }
  const serializers = { err: withoutValues }
  const timestamp = pino.stdTimeFunctions.isoTime
  const hooks = recentLines && { streamWrite: (line: string) => recentLines.keep(line) }
  const options = { level, base: { service }, timestamp, formatters, serializers, mixin: traceFields }
  return pino({ ...options, ...(hooks && { hooks }) }, destination)
}

export const silentLog: Log = pino({ level: 'silent' })
