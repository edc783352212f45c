import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { config } from 'dotenv'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment, and below it what `.env` at the root of the repository says, where there is one. An empty variable
 * counts as not set in both.
 */
export function loadEnvironment(root: string, environment: Environment = process.env): Environment {
  const file: Record<string, string> = {}
  config({ path: join(root, '.env'), quiet: true, processEnv: file })
  const set = Object.entries(environment).filter(([, value]) => value !== '')
  return { ...file, ...Object.fromEntries(set) }
}

/** The version in the package.json of the folder. */
export function packageVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string } // our own file
  return version
}
