/** What `npm run audit` does. Exit code 0: no finding; 1: findings; 2: it could not look. */
import { readArguments } from '../../scripts/read-arguments.mjs'
import { auditBy, options, usage } from './cli'

const { values } = readArguments({ name: 'audit', usage, options })

auditBy(values, (line) => console.log(line)).then(
  (clean) => {
    process.exitCode = clean ? 0 : 1
  },
  (error: unknown) => {
    console.error(`audit: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  },
)
