import { inspect } from 'node:util'
import { isUnavailable } from '../database/unavailable'
import { OperatorError } from '../failure'

// npm and `node --watch` forward a Ctrl-C that the terminal has already sent to all: that is not a second one.
const sameSignalMs = 100
// Compose kills after 15 s, without a word. A delay that was asked for comes on top.
const maxStopMs = 14_000

export interface Service {
  stop: () => Promise<void>
  /** How long it still serves once it is to stop. */
  delayMs?: number
}

/**
 * SIGTERM and SIGINT stop the service with exit code 0; a second signal, a failed start, or a stop that takes too long exits
 * with 1.
 */
export async function runProcess(
  name: string,
  start: () => Promise<Service>,
  limits: { maxStopMs: number } = { maxStopMs },
): Promise<void> {
  const fail = failing(name)
  const starting = Promise.resolve().then(start)
  let stoppingSince: number | undefined
  const onSignal = () => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > sameSignalMs) process.exit(1)
      return
    }
    stoppingSince = performance.now()
    const failAfter = (ms: number) => setTimeout(() => fail(new OperatorError(`not stopped within ${ms} ms`)), ms)
    const timer = failAfter(limits.maxStopMs)
    starting
      .then(({ stop, delayMs = 0 }) => {
        clearTimeout(timer)
        failAfter(limits.maxStopMs + delayMs)
        return stop()
      })
      .then(() => process.exit(0))
      .catch(fail)
  }
  process.on('SIGTERM', onSignal) // early: PID 1 of a container ignores unhandled signals
  process.on('SIGINT', onSignal)
  await starting.catch(fail)
}

/** A failure is one line on stderr and exit code 1. */
export async function runCommand(name: string, command: () => Promise<void>): Promise<void> {
  await Promise.resolve().then(command).catch(failing(name))
}

function failing(name: string): (error: unknown) => never {
  return (error) => {
    process.stderr.write(`${name}: ${reason(error)}\n`)
    process.exit(1)
  }
}

function reason(error: unknown): string {
  if (error instanceof OperatorError) return error.message
  if (error instanceof Error && isUnavailable(error)) return `the database cannot be used: ${error.message}`
  return inspect(error)
}
