import { join } from 'node:path'
import { ports, signUp, start, startProcess, tokenOf } from '../measure/processes.mjs'
import { ask } from '../measure/ask.mjs'
import { requestText } from './load'
import type { Role, ShopName } from './shop-names'

interface Shop {
  ports: Record<Role, number>
  start: (role: Role, folder: string) => Promise<Started>
  /** Where it stores its orders; undefined if that is in memory alone. */
  file?: (folder: string) => string
  signIn: () => Promise<{ userId?: string; token?: string }>
}

type Started = Awaited<ReturnType<typeof startProcess>>

const ada = async () => ({ userId: 'ada' })

export const shops: Record<ShopName, Shop> = {
  naive: {
    ports: { users: 3410, orders: 3411 },
    start: (role) => startYardstick('naive', role, role === 'users' ? [] : ['3410']),
    signIn: ada,
  },
  floor: {
    ports: { users: 3420, orders: 3421 },
    start: (role, folder) => {
      const file = join(folder, `floor-${role}.db`)
      return startYardstick('floor', role, role === 'users' ? [file] : [file, '3420'])
    },
    file: (folder) => join(folder, 'floor-orders.db'),
    signIn: ada,
  },
  tandem: {
    ports: { users: ports['user-service'], orders: ports['order-service'] },
    start: (role, folder) => start(role === 'users' ? 'user-service' : 'order-service', folder),
    file: (folder) => join(folder, 'order-service.db'),
    signIn: async () => ({ token: await tokenOf((await signUp()).apiKey) }),
  },
}

function startYardstick(name: 'naive' | 'floor', role: Role, args: string[]): Promise<Started> {
  const port = shops[name].ports[role]
  return startProcess(port, [join(__dirname, `yardsticks/${name}.mjs`), role, String(port), ...args])
}

/**
 * The requests that are measured, of a user who has just signed up and has an order. Its token is new: each lasts for 15
 * minutes.
 */
export async function requestsOf(name: ShopName): Promise<{ port: number; post: string; get: string }> {
  const { ports, signIn } = shops[name]
  const { userId, token } = await signIn()
  const port = ports.orders
  const body = { ...(userId !== undefined && { userId }), items: [{ productId: 'cable', quantity: 1 }] }
  const { status, text } = await ask(port, '/orders', { method: 'POST', token, body })
  if (status !== 201 && status !== 202) throw new Error(`${name} returned ${String(status)} to POST /orders: ${text}`)
  const { id } = JSON.parse(text) as { id: string }
  return {
    port,
    post: requestText({ method: 'POST', path: '/orders', token, body }),
    get: requestText({ method: 'GET', path: `/orders/${id}`, token }),
  }
}
