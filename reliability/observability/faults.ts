import { pause } from '../harness/eventually'
import type { Callers } from './callers'
import type { OwnDatabase } from './own-database'
import type { Way } from './way-to'
import { freePort, type ServiceProcess } from './service-process'

export interface Fault {
  what: string
  alerts: readonly string[]
  begin: () => Promise<void>
  /** Again and again, while it lasts. */
  goOn?: () => Promise<void>
  end: () => Promise<void>
}

export interface System {
  users: ServiceProcess
  orders: ServiceProcess
  /** Of order-service. */
  database: OwnDatabase
  wayToDatabase: Way
  callers: Callers
}

const numberingLock = 7_261_002 // see numberEvents

/** For each alert something that makes it fire. */
export function faultsOf({ users, orders, database, wayToDatabase, callers }: System): Fault[] {
  return [
    {
      what: 'user-service is killed; a pending order becomes five minutes older',
      alerts: ['ServiceDown', 'CircuitOpen', 'FeedLag', 'OrdersUnfinished'],
      begin: () => users.kill(),
      goOn: () => database.run(fiveMinutesOlder),
      end: () => users.start(),
    },
    {
      what: 'a table of order-service is gone, and somebody signs up',
      alerts: ['ErrorRate', 'ParkedEvents'],
      begin: async () => {
        await database.run('ALTER TABLE user_copies RENAME TO mislaid')
        await callers.signUp()
      },
      end: async () => {
        await database.run('ALTER TABLE mislaid RENAME TO user_copies')
        await callers.retryParked()
      },
    },
    {
      what: 'a session locks the orders for 1.5 s, again and again',
      alerts: ['SlowRequests'],
      begin: async () => undefined,
      goOn: () => database.run('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1.5); COMMIT'),
      end: async () => undefined,
    },
    {
      what: 'order-service runs with MAX_IN_FLIGHT=1, and 30 ask at once',
      alerts: ['LoadShedding'],
      begin: () => orders.restart({ MAX_IN_FLIGHT: '1' }),
      goOn: async () => {
        callers.flood(30)
        await pause(200)
      },
      end: () => orders.restart(),
    },
    {
      what: 'a session keeps the lock of those who number events',
      alerts: ['EventsNotNumbered'],
      begin: async () => {
        await (await database.session()).query('SELECT pg_advisory_lock($1)', [numberingLock])
      },
      end: () => database.endSessions(),
    },
    {
      what: "order-service's PostgreSQL cannot be reached",
      alerts: ['DatabaseDown', 'NobodyLeads'],
      begin: async () => {
        wayToDatabase.close()
      },
      end: async () => {
        wayToDatabase.open()
      },
    },
    {
      what: 'order-service is given a RabbitMQ that is not there',
      alerts: ['BrokerDown'],
      begin: async () => orders.restart({ BROKER_URL: `amqp://127.0.0.1:${await freePort()}` }),
      end: () => orders.restart(),
    },
  ]
}

const fiveMinutesOlder = `
  UPDATE orders SET created_at = to_char(now() AT TIME ZONE 'UTC' - interval '5 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"')
  WHERE id = (SELECT id FROM orders WHERE status = 'pending' ORDER BY id LIMIT 1)`
