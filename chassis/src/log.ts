import pino from 'pino'

export type Log = pino.Logger

/**
 * JSON lines on stdout, written in blocks: at most 8 kB, or what came within 250 ms, is lost to a SIGKILL. Callers name
 * the fields they log one by one; nothing logs a body, a header or a token.
 */
export function createLog({ service, level }: { service: string; level: string }): Log {
  const destination = pino.destination({ sync: true, minLength: 8192, periodicFlush: 250 })
  process.once('exit', () => {
    destination.flushSync()
  })
  const formatters = { level: (label: string) => ({ level: label }) }
  return pino({ level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination)
}

export const silentLog: Log = pino({ level: 'silent' })
