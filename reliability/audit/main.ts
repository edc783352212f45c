/** What `npm run audit` does. Exit code 0: no finding; 1: findings; 2: it could not look. */
import { resolve } from 'node:path'
import { readArguments } from '../../scripts/read-arguments.mjs'
import { auditBy, options, usage } from './cli'

const { scale, kubernetes, users, orders, acknowledged, settled } = readArguments({
  name: 'audit',
  usage,
  options,
}).values
const files = { users: fromCaller(users), orders: fromCaller(orders), acknowledged: fromCaller(acknowledged) }

auditBy({ ...files, scale, kubernetes, settled }, (line) => console.log(line)).then(
  (clean) => {
    process.exitCode = clean ? 0 : 1
  },
  (error: unknown) => {
    console.error(`audit: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  },
)

/** npm changes to the root of the repository, and leaves the caller's folder in INIT_CWD. */
function fromCaller(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(process.env.INIT_CWD ?? '', file)
}
