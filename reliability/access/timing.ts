import { randomUUID } from 'node:crypto'
import { RawConnection } from '../harness/raw-connection'
import type { Operations } from '../harness/operations'
import type { ServiceName } from '../harness/service-processes'
import type { Address, Tandem } from '../harness/tandem'
import { requestFor, type Shop, type User } from './shop'

export interface Timing {
  route: string
  /** Medians, in microseconds. */
  foreign: number
  unknown: number
  /** The median of by how much the one of a pair took longer than the other. */
  difference: number
}

const pairs = 2_500
const warmUp = 200
/** Of the median. Runs differ by up to 0.03; an order that is read in vain made 0.05 to 0.07 of it. */
const allowedShare = 0.04

export function isAlike({ difference, unknown }: Timing): boolean {
  return Math.abs(difference) <= allowedShare * unknown
}

interface Given {
  tandem: Tandem
  shop: Shop
  service: ServiceName
  operations: Operations
}

/** How long each route with an id takes for what is another user's, and for what does not exist, in turn. */
export async function timings({ tandem, shop, service, operations }: Given): Promise<Timing[]> {
  const own = service === 'user-service' ? '/users/{id}' : '/orders/{id}'
  const [caller, owner] = [await shop.user(), await shop.user()]
  const found: Timing[] = []
  for (const operation of operations.all.filter(({ path }) => path.startsWith(own) && !path.includes('{orderId}'))) {
    const bytes = (id?: string) =>
      bytesOf(tandem.at[service], operation.method, requestFor(operation, owner, id), caller)
    const connection = new RawConnection(tandem.at[service].port)
    const timed = async (request: Buffer) => {
      const began = performance.now()
      const received = await connection.exchange(request, operation.method)
      // 403: for a key, a token never is enough.
      if (received?.status !== 404 && received?.status !== 403)
        throw new Error(`neither 404 nor 403 to ${operation.name}: ${received?.status}`)
      return (performance.now() - began) * 1000
    }
    const foreign: number[] = []
    const unknown: number[] = []
    for (let i = 0; i < warmUp + pairs; i += 1) {
      // Each goes first as often as the other.
      const order = i % 2 === 0 ? ([foreign, unknown] as const) : ([unknown, foreign] as const)
      for (const times of order) {
        const took = await timed(times === foreign ? bytes() : bytes(randomUUID()))
        if (i >= warmUp) times.push(took)
      }
    }
    connection.close()
    const difference = median(foreign.map((took, i) => took - (unknown[i] ?? took)))
    const route = `${service} ${operation.name}`
    found.push({ route, foreign: median(foreign), unknown: median(unknown), difference })
  }
  return found
}

function bytesOf({ prefix }: Address, method: string, asked: ReturnType<typeof requestFor>, { token }: User): Buffer {
  const { path, headers, body } = asked
  const all = { host: '127.0.0.1', authorization: `Bearer ${token}`, ...headers }
  const sized = body === undefined ? all : { ...all, 'content-length': Buffer.byteLength(body) }
  const fields = Object.entries(sized).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`${method} ${prefix}${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body ?? ''}`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Prints the table. Returns whether nobody can tell the one from the other. */
export function reportTimings(found: readonly Timing[]): boolean {
  console.log('| route | a foreign id | an unknown id | difference |\n| --- | --- | --- | --- |')
  for (const timing of found) {
    const { route, foreign, unknown, difference } = timing
    const share = (100 * difference) / unknown
    const verdict = isAlike(timing) ? '' : ' NOT alike'
    console.log(`| ${route} | ${foreign.toFixed(0)} µs | ${unknown.toFixed(0)} µs | ${share.toFixed(1)} %${verdict} |`)
  }
  const alike = found.filter(isAlike).length
  console.log(`\nTimings: ${alike} passed, ${found.length - alike} failed, ${found.length} total`)
  return alike === found.length
}
