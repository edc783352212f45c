import type { SigningKey } from '@tandem/chassis/auth/signing-key'
import { EventFeed } from '@tandem/chassis/events/event-feed'
import pino from 'pino'
import { Registry } from 'prom-client'
import { orderServiceRoutes } from '../../order-service/src/app'
import { migrations as orderMigrations } from '../../order-service/src/database/migrations'
import { makeAllDue } from '../../order-service/src/orders/settlement-queue'
import { orderServiceParts } from '../../order-service/src/parts'
import { problemTypes as orderProblemTypes } from '../../order-service/src/problems'
import { userServiceRoutes } from '../../user-service/src/app'
import { migrations as userMigrations } from '../../user-service/src/database/migrations'
import { problemTypes as userProblemTypes } from '../../user-service/src/problems'
import { Eraser } from '../../user-service/src/accounts/erasure'
import type { Sabotage } from './guards'
import { Machine } from './life'
import type { Network } from './network'
import { Service } from './service'
import type { World } from './world'

const pendingTimeoutMs = 20_000
const asOrderService = { id: 'order-service', scopes: ['service'] }
// No token is signed or checked here.
const signingKey = { publicJwk: {} } as SigningKey
const common = {
  signingKey,
  version: '0.0.0',
  maxInFlight: 1000,
  trustProxy: 0,
  allowedHosts: [],
  isStopping: () => false,
}

interface Options {
  world: World
  network: Network
  folder: string
  signupCreditCents: number
  sabotage: Sabotage | undefined
  /** Told of each line that a service logs as an error. */
  onError: (line: string) => void
}

export interface Machines {
  users: Machine
  orders: Machine
}

/** Both services with their real routes, domain code, stores, settler and follower. */
export function simulatedServices({ world, network, folder, signupCreditCents, sabotage, onError }: Options) {
  const log = pino({ level: 'error', timestamp: false, base: null }, { write: onError })
  const machines: Machines = { users: new Machine(world, '1'), orders: new Machine(world, '2') }

  const ofUsers = sabotage?.of === 'user-service' ? sabotage : undefined
  const ofOrders = sabotage?.of === 'order-service' ? sabotage : undefined

  const users = new Service({
    name: 'user-service',
    world,
    machine: machines.users,
    file: `${folder}/users.db`,
    migrations: ofUsers?.migrations?.(userMigrations) ?? userMigrations,
    begin: (opened, life) => {
      const database = ofUsers?.database(opened, life) ?? opened
      const feed = new EventFeed({ source: '/user-service', database, system: life })
      const deps = { ...common, log, database, feed, system: life, registry: new Registry() }
      new Eraser(deps).start()
      const routes = userServiceRoutes({ ...deps, signupCreditCents, rateLimitPerMinute: 0, tokenAudiences: [] })
      return Promise.resolve({ routes, problemTypes: userProblemTypes })
    },
  })

  const orders = new Service({
    name: 'order-service',
    world,
    machine: machines.orders,
    file: `${folder}/orders.db`,
    migrations: ofOrders?.migrations?.(orderMigrations) ?? orderMigrations,
    begin: (opened, life) => {
      const database = ofOrders?.database(opened, life) ?? opened
      const transport = network.transport('order-service', users, asOrderService, () => life.alive)
      const deps = { ...common, log, database, system: life, registry: new Registry() }
      const parts = orderServiceParts({
        ...deps,
        transport,
        feedTransport: transport,
        tokens: { token: () => 'simulated' },
        pendingTimeoutMs,
      })
      // As at a real start, but for the listening. The commit takes its turn in virtual time, so nobody waits for it here.
      void makeAllDue(database, life).then(() => {
        parts.settler.start()
        parts.follower.start()
      })
      return Promise.resolve({ routes: orderServiceRoutes({ ...deps, ...parts }), problemTypes: orderProblemTypes })
    },
  })
  return { users, orders, machines }
}
