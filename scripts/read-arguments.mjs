import process from 'node:process'
import { parseArgs } from 'node:util'

/**
 * Reads the arguments of a command as `parseArgs` does, and ends the process if there is nothing to do: after the usage
 * if `--help` asks for it, after one line if the command does not know an argument.
 * @type {typeof import('./read-arguments.d.mts').readArguments}
 */
export function readArguments({ name, usage, ...config }) {
  const options = { ...config.options, help: { type: 'boolean', short: 'h' } }
  try {
    const { values, positionals } = parseArgs({ ...config, options })
    if (!values.help) return { values, positionals }
  } catch (error) {
    refuse(name, error.message.split(/\.\s/)[0]) // more of it is on how to pass a file whose name begins with a dash
  }
  console.log(usage)
  process.exit(0)
}

/** @type {typeof import('./read-arguments.d.mts').refuse} */
export function refuse(name, why) {
  console.error(`${name}: ${why} (--help shows the usage)`)
  process.exit(2)
}
