import pino from 'pino'

export type Log = pino.Logger

/** Buffered: a SIGKILL loses at most 8 kB or 250 ms. Log fields one by one, never a body, header or token. */
export function createLog({ service, level }: { service: string; level: string }): Log {
  const destination = pino.destination({ sync: true, minLength: 8192, periodicFlush: 250 })
  process.once('exit', () => {
    destination.flushSync()
  })
  const formatters = { level: (label: string) => ({ level: label }) }
  return pino({ level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination)
}

export const silentLog: Log = pino({ level: 'silent' })
