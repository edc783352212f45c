import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { config } from 'dotenv'

/** The environment, and below it what `.env` at the root of the repository says, where there is one. */
export function loadEnvironment(root: string): NodeJS.ProcessEnv {
  config({ path: join(root, '.env'), quiet: true })
  return process.env
}

/** The version in the package.json of the folder. */
export function packageVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string } // our own file
  return version
}
