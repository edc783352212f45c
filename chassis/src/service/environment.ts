import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { OperatorError } from '../failure'
import { readEnvironment, type Environment } from './read-environment'

/** As readEnvironment, but throws an OperatorError if `.env` cannot be read. */
export function loadEnvironment(root: string, environment: Environment = process.env): Environment {
  try {
    return readEnvironment(root, environment, parse)
  } catch (error) {
    throw new OperatorError((error as Error).message, { cause: error }) // it throws only Errors
  }
}

export function packageVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string } // our own file
  return version
}
