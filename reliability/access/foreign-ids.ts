import { randomUUID } from 'node:crypto'
import type { Operations } from '../harness/operations'
import type { ServiceName } from '../harness/service-processes'
import type { Tandem } from '../harness/tandem'
import { ask } from './ask'
import type { Cell } from './matrix'
import { requestFor, type Shop } from './shop'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

interface Given {
  tandem: Tandem
  shop: Shop
  service: ServiceName
  admin: string
  operations: Operations
}

/** Three users ask for what is each other's, with every method: it looks as if it were not there, and stays as it is. */
export async function foreignIds({ tandem, shop, service, admin, operations }: Given): Promise<Cell[]> {
  const at = tandem.at[service]
  const users = [await shop.user(), await shop.user(), await shop.user()]
  const own = service === 'user-service' ? '/users/' : '/orders/'
  const paths = new Set(operations.all.map(({ path }) => path).filter((path) => path.startsWith(`${own}{id}`)))
  const stateOf = async (user: (typeof users)[number]) => {
    const path = service === 'user-service' ? `/users/${user.id}` : `/orders/${user.orderId}/timeline`
    return (await ask(at, 'GET', { path, headers: {}, body: undefined }, `Bearer ${admin}`)).comparable
  }
  const before = await Promise.all(users.map(stateOf))
  const cells: Cell[] = []
  for (const caller of users)
    for (const owner of users.filter((it) => it !== caller))
      for (const path of paths)
        for (const method of methods) {
          const operation = operations.all.find((it) => it.path === path && it.method === method)
          const known = operation ?? { ...operations.all[0], name: '', path, method, body: undefined }
          const askAs = async (token: string, id?: string) => {
            const asked = requestFor(known as (typeof operations.all)[0], owner, id)
            return ask(at, method, asked, `Bearer ${token}`)
          }
          const foreign = await askAs(caller.token)
          const unknown = await askAs(caller.token, randomUUID())
          const differs = foreign.comparable === unknown.comparable ? undefined : 'differs from an unknown id'
          const fault = foreign.status < 400 ? `${foreign.status}` : differs
          cells.push({
            route: `${method.toLowerCase()} ${path}`,
            caller: 'a foreign id',
            fault,
            shown: String(foreign.status),
          })
        }
  const after = await Promise.all(users.map(stateOf))
  users.forEach((_, i) => {
    const fault = before[i] === after[i] ? undefined : 'something was changed'
    cells.push({ route: `${own}{id}`, caller: 'what is there afterwards', fault, shown: '' })
  })
  return cells
}
