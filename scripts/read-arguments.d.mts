import type { parseArgs, ParseArgsConfig } from 'node:util'

interface Command {
  /** Of the script in package.json. */
  name: string
  usage: string
}

export function readArguments<Config extends ParseArgsConfig>(
  command: Command & Config,
): Pick<ReturnType<typeof parseArgs<Config>>, 'values' | 'positionals'>

/** Ends the process with exit code 2, and says why in one line. */
export function refuse(name: string, why: string): never
