import type { SigningKey } from '@tandem/chassis/auth/signing-key'
import type { SigningKeys } from '@tandem/chassis/auth/signing-keys'
import { assembleService, type ServiceContext } from '@tandem/chassis/service/service-definition'
import pino from 'pino'
import { Registry } from 'prom-client'
import { orderService } from '../../order-service/src/service'
import { userService } from '../../user-service/src/service'
import type { Sabotage } from './guards'
import { Machine } from './life'
import type { Network } from './network'
import { Service } from './service'
import type { World } from './world'

const pendingTimeoutMs = 20_000
const asOrderService = { id: 'order-service', scopes: ['service'] }
// No token is signed or checked here.
const signingKeys: SigningKeys = { signing: {} as SigningKey, published: [] }
const self = { version: '0.0.0', isStopping: () => false }
const nothingToReach: ServiceContext['connect'] = () => {
  throw new Error('user-service asks no other service')
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

  const tokensFor = () => ({ token: async () => 'simulated' })

  const userDefinition = userService({ adminKeyFile: '', signupCreditCents, tokenAudiences: [], trustedServices: [] })
  const users = new Service({
    name: userDefinition.name,
    world,
    machine: machines.users,
    file: `${folder}/users.db`,
    migrations: ofUsers?.migrations?.(userDefinition.migrations) ?? userDefinition.migrations,
    begin: (opened, life) => {
      const database = ofUsers?.database(opened, life) ?? opened
      const registry = new Registry()
      const context = { database, signingKeys, connect: nothingToReach, tokensFor, registry, system: life, log }
      const { routes, jobs } = assembleService(userDefinition, context, self)
      for (const job of jobs) job.start()
      return Promise.resolve({ routes, problemTypes: userDefinition.problemTypes })
    },
  })

  const orderDefinition = orderService({ userServiceUrl: 'http://user-service', pendingTimeoutMs })
  const orders = new Service({
    name: orderDefinition.name,
    world,
    machine: machines.orders,
    file: `${folder}/orders.db`,
    migrations: ofOrders?.migrations?.(orderDefinition.migrations) ?? orderDefinition.migrations,
    begin: (opened, life) => {
      const database = ofOrders?.database(opened, life) ?? opened
      const transport = network.transport('order-service', users, asOrderService, () => life.alive)
      const registry = new Registry()
      const context = { database, signingKeys, connect: () => transport, tokensFor, registry, system: life, log }
      const { routes, jobs, prepare } = assembleService(orderDefinition, context, self)
      // As at a real start, but for the listening. The commit takes its turn in virtual time, so nobody waits for it here.
      void prepare().then(() => {
        for (const job of jobs) job.start()
      })
      return Promise.resolve({ routes, problemTypes: orderDefinition.problemTypes })
    },
  })
  return { users, orders, machines }
}
