import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog as log } from '@tandem/chassis/log'
import type { Service } from '@tandem/chassis/service/process'
import { startService } from '@tandem/chassis/service/start-service'
import { realSystem as system } from '@tandem/chassis/system'
import { freePort } from '../../../../chassis/testing/server'
import { afterThisTest, eventually, temporaryFolder } from '../../../../chassis/testing/temporary'
import { readConfig as readOrderConfig } from '../../../../order-service/src/config'
import { orderService } from '../../../../order-service/src/service'
import { readConfig as readUserConfig } from '../../../../user-service/src/config'
import { userService } from '../../../../user-service/src/service'

export interface User {
  id: string
  apiKey: string
}

/** Both services as they are, each with its database in a folder of its own, on ports that they keep. */
export class Services {
  readonly #folder = temporaryFolder()
  #running: Service[] = []

  private constructor(
    private readonly userPort: number,
    private readonly orderPort: number,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    afterThisTest(() => this.stop())
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<Services> {
    const services = new Services(await freePort(), await freePort(), environment)
    await services.start()
    return services
  }

  get users(): string {
    return `http://127.0.0.1:${this.userPort}`
  }

  get orders(): string {
    return `http://127.0.0.1:${this.orderPort}`
  }

  /** Where a service keeps its database. */
  file(name: 'users' | 'orders'): string {
    return join(this.#folder, name, 'test.db')
  }

  async start(): Promise<void> {
    const common = { version: '0.0.0', system, log }
    const given = (name: 'users' | 'orders') => ({
      ...this.environment,
      SHUTDOWN_DELAY_MS: '0',
      SHUTDOWN_GRACE_MS: '0',
      DATABASE_URL: `sqlite:${this.file(name)}`,
    })
    const trusted = `order-service=${this.orders}/.well-known/jwks.json`
    const forUsers = { ...given('users'), PORT: String(this.userPort), TRUSTED_SERVICES: trusted }
    const forOrders = { ...given('orders'), PORT: String(this.orderPort), USER_SERVICE_URL: this.users }
    const userConfig = readUserConfig(forUsers, '/')
    const orderConfig = readOrderConfig(forOrders, '/')
    this.#running.push(
      await startService({ ...common, definition: userService(userConfig), config: userConfig }),
      await startService({ ...common, definition: orderService(orderConfig), config: orderConfig }),
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((service) => service.stop()))
  }

  get adminKey(): string {
    return readFileSync(join(this.#folder, 'users/admin-key'), 'utf8').trim()
  }

  adminToken(): Promise<string> {
    return this.#token(this.adminKey)
  }

  async signUp(name: string): Promise<User> {
    return ask('POST', `${this.users}/users`, '', { name, email: `${randomUUID()}@example.com` })
  }

  async rename(user: User, name: string): Promise<void> {
    await ask('PATCH', `${this.users}/users/${user.id}`, await this.#token(user.apiKey), { name })
  }

  async delete(user: User): Promise<void> {
    await ask('DELETE', `${this.users}/users/${user.id}`, await this.#token(user.apiKey))
  }

  /** Places an order for one keyboard, 4999 cents; answers its id. */
  async order(user: User): Promise<string> {
    const body = { userId: user.id, items: [{ productId: 'keyboard', quantity: 1 }] }
    return (await ask('POST', `${this.orders}/orders`, await this.adminToken(), body)).id
  }

  async cancel(orderId: string): Promise<void> {
    await ask('POST', `${this.orders}/orders/${orderId}/cancel`, await this.adminToken())
  }

  /** Until both who follow user-service, order-service and the example, have all that it told and wait for more. */
  async readersWait(): Promise<void> {
    // After an outage order-service pauses for up to five seconds.
    await eventually(async () => (await metrics(this.users)).includes('feed_readers_waiting 2'), 15_000)
  }

  async #token(key: string): Promise<string> {
    return (await ask('POST', `${this.users}/tokens`, key)).accessToken
  }
}

async function ask(method: string, url: string, credential: string, body?: object) {
  const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

async function metrics(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text()
}
