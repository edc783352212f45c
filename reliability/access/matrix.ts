import type { Operation } from '../harness/operations'
import type { ServiceName } from '../harness/service-processes'
import type { Tandem } from '../harness/tandem'
import { ask, type Answer } from './ask'
import { badToken, callers, expected, type CallerName, type Expected } from './expected'
import { requestFor, type Shop, type User } from './shop'
import type { Kind } from './who-may'

export interface Cell {
  route: string
  caller: string
  fault: string | undefined
  shown: string
}

interface Given {
  tandem: Tandem
  shop: Shop
  service: ServiceName
  admin: string
  serviceToken: string
  broken: Readonly<Record<string, string>>
}

const codes: Readonly<Record<number, readonly string[]>> = {
  401: ['unauthenticated'],
  403: ['forbidden'],
  404: ['not-found', 'user-not-found'],
}
/** There is nothing to retry, so that who may do it finds nothing. */
const nothingThere = ['post /parked-events/{id}/retry']
/** Done for real, it would end the process. */
export const onlyRefused = ['post /faults/crash']

/** One route, for each caller and each broken token. */
export async function cellsOf(operation: Operation, may: readonly Kind[], given: Given): Promise<Cell[]> {
  const { tandem, shop, service, broken } = given
  const at = tandem.at[service]
  const cells: Cell[] = []
  const check = (caller: string, want: Expected, answer: Answer) => {
    const fault = faultOf(operation, want, answer)
    cells.push({ route: operation.name, caller, fault, shown: String(answer.status) })
  }
  for (const caller of callers) {
    const want = expected(service, operation, may, caller)
    if (want.status === 200 && onlyRefused.includes(operation.name)) continue
    const owner = await shop.user()
    const authorization = await authorizationOf(caller, owner, given)
    check(caller, want, await ask(at, operation.method, requestFor(operation, owner), authorization))
  }
  const owner = await shop.user()
  for (const [name, authorization] of Object.entries(broken)) {
    const want = may.includes('anyone') ? ({ status: 200 } as const) : challenged(authorization)
    check(name, want, await ask(at, operation.method, requestFor(operation, owner), authorization))
  }
  return cells
}

function challenged(authorization: string): Expected {
  return authorization.startsWith('Bearer ') ? badToken : { status: 401, challenge: 'Bearer' }
}

async function authorizationOf(caller: CallerName, owner: User, given: Given): Promise<string | undefined> {
  if (caller === 'nobody') return undefined
  const other = caller === 'another user' || caller === 'another key' ? await given.shop.user() : owner
  const credentials = {
    'the owner': owner.token,
    'another user': other.token,
    'an admin': given.admin,
    'a service': given.serviceToken,
    'its key': owner.apiKey,
    'another key': other.apiKey,
  }
  return `Bearer ${credentials[caller]}`
}

function faultOf({ name, path }: Operation, want: Expected, { status, code, challenge }: Answer): string | undefined {
  if (want.status === 200) {
    if (nothingThere.includes(name)) return status === 404 ? undefined : `${status} and not 404`
    return status < 300 ? undefined : `${status} ${code} and not a success`
  }
  if (status !== want.status) return `${status} ${code} and not ${want.status}`
  const of404 = path.startsWith('/users') ? 'user-not-found' : 'not-found'
  const right = status === 404 ? [of404] : (codes[status] ?? [])
  if (!right.includes(code)) return `code ${code} and not ${right.join(' or ')}`
  return challenge === want.challenge ? undefined : `WWW-Authenticate: ${challenge} and not ${want.challenge}`
}
