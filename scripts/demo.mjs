/**
 * The walk-through of the docs as a program (`npm run demo`), against services that were started by Compose or
 * `npm start`. It always undoes at the end what it did.
 */
import { fileURLToPath, URL } from 'node:url'
import process from 'node:process'
import { readEnvironment } from '../chassis/src/service/read-environment.js'
import { faultStory } from './demo/fault-story.mjs'
import { readAdminKey } from './demo/read-admin-key.mjs'
import { Stage } from './demo/stage.mjs'
import { stopStory } from './demo/stop-story.mjs'
import { readArguments } from './read-arguments.mjs'

const usage = `Usage: npm run demo [-- --faults]

Signs up, orders, cancels, stops user-service and starts it again, and shows each request with its response. The services
must be running, by docker compose up or npm start.

  --faults  freezes user-service with PUT /faults instead, and watches the circuit open; ADMIN_KEY can give the key`

const { faults } = readArguments({ name: 'demo', usage, options: { faults: { type: 'boolean' } } }).values
const root = fileURLToPath(new URL('..', import.meta.url))
const environment = readVariables()
const userPort = environment.USER_SERVICE_PORT ?? '3000'
const services = {
  userPort,
  users: `http://127.0.0.1:${userPort}`,
  orders: `http://127.0.0.1:${environment.ORDER_SERVICE_PORT ?? '3001'}`,
  readAdminKey: () => readAdminKey({ root, userPort, environment }),
}
await new Stage().run((stage) => (faults ? faultStory : stopStory)(stage, services))

function readVariables() {
  try {
    return readEnvironment(root)
  } catch (error) {
    console.error(`demo: ${error.message}`)
    process.exit(1)
  }
}
