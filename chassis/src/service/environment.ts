import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { OperatorError } from '../failure'
import { readEnvironment, type Environment } from './read-environment'

/** As readEnvironment, but throws an OperatorError if `.env` cannot be read. */
export function loadEnvironment(root: string, environment: Environment = process.env): Environment {
  try {
    const read = readEnvironment(root, environment, parse)
    passOnOpenTelemetry(read)
    return read
  } catch (error) {
    throw new OperatorError((error as Error).message, { cause: error }) // it throws only Errors
  }
}

/** Its SDK reads its variables from the process alone. */
function passOnOpenTelemetry(read: Environment): void {
  for (const [name, value] of Object.entries(read)) if (name.startsWith('OTEL_')) process.env[name] = value
}

export function packageVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string } // our own file
  return version
}
