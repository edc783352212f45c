import pino from 'pino'

// What errors of a database have beside their message: values of rows, which can be names, addresses or keys.
const unlogged = ['detail', 'where', 'internalQuery', 'parameters']

function withoutValues(error: Error): object {
  const entries = Object.entries(pino.stdSerializers.err(error))
  return Object.fromEntries(entries.filter(([name]) => !unlogged.includes(name)))
}

export type Log = pino.Logger

/** Buffered: a SIGKILL loses at most 8 kB or 250 ms. Log fields one by one, never a body, header or token. */
export function createLog({ service, level }: { service: string; level: string }): Log {
  const destination = pino.destination({ sync: true, minLength: 8192, periodicFlush: 250 })
  process.once('exit', () => {
    destination.flushSync()
  })
  const formatters = { level: (label: string) => ({ level: label }) }
  const serializers = { err: withoutValues }
  const timestamp = pino.stdTimeFunctions.isoTime
  return pino({ level, base: { service }, timestamp, formatters, serializers }, destination)
}

export const silentLog: Log = pino({ level: 'silent' })
