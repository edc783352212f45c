import { parsed, type Operation, type Operations } from '../harness/operations'
import type { Received } from '../harness/raw-connection'

const ofParser = [400, 408, 417, 431, 501, 505]
const maxPlain = 200
const givenCodes = ['overloaded', 'unavailable']
/** Of the inside of a service: a stack, a file, SQL, the modules it is made of. */
const internals =
  /\bat [\w.<>[\] ]*\(?(?:file:|node:|\/)[^\s)]*:\d+|node_modules|\/src\/\w|\.(?:ts|js|cjs|db):\d|SQLITE_|sqlite3?:|ERR_[A-Z]{3}|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM) [\w*"]+ ?(?:,|FROM|VALUES|\(|SET|WHERE)|ZodError|TypeError|RangeError|private_jwk/
const token = /eyJ[\w-]{10,}\.[\w-]+\.[\w-]+/
const showTokens = ['post /tokens']

export interface Asked {
  /** What comes before the paths of the service; not empty behind the gateway. */
  prefix: string
  operation: Operation | undefined
  method: string
  /** The statuses of which it must have one. */
  expected?: readonly number[] | undefined
  /** What the request had, and no response may give back. */
  secrets: readonly string[]
}

/** Everything that is wrong with a response. */
export function faultsOf(asked: Asked, received: Received, operations: Operations): string[] {
  const { operation, method, expected, secrets, prefix } = asked
  const { status, headers, body } = received
  if (prefix !== '' && isOfGateway(received)) return internals.test(body) ? ['shows the inside'] : []
  const faults: string[] = []
  const problem = status >= 400 && method !== 'HEAD' ? problemOf(received, prefix) : undefined
  const isShed = status === 503 && givenCodes.includes(String((parsed(body) as { code?: string } | undefined)?.code))
  if (status >= 500 && !isShed && !(problem?.isBlank && ofParser.includes(status))) faults.push(`status ${status}`)
  if (problem?.fault !== undefined) faults.push(problem.fault)
  if (expected && !isShed && !expected.includes(status))
    faults.push(`status ${status} and not ${expected.join(' or ')}`)
  const isPage = status === 200 && (operation?.security.length ?? 1) === 0
  if (!isPage && internals.test(body)) faults.push(`shows the inside: ${internals.exec(body)?.[0]}`)
  if (!showTokens.includes(operation?.name ?? '') && !isPage && token.test(body)) faults.push('shows a token')
  if (secrets.some((secret) => secret.length > 20 && body.includes(secret)))
    faults.push('shows a secret of the request')
  if (headers['x-content-type-options'] !== 'nosniff') faults.push(`no X-Content-Type-Options with ${status}`)
  if (operation && !problem?.isBlank) {
    const found = operations.faultOf(operation, status, headers['content-type'] ?? '', body, method)
    if (found !== undefined) faults.push(`not as in the document: ${found}`)
  }
  return faults
}

/** The gateway's own, for what it does not hand on: of its parser, and problems of its own. */
function isOfGateway({ status, headers, body }: Received): boolean {
  if (status === 308) return /^\/[a-z-]+\/$/.test(headers.location ?? '') // to the root of a service
  if (status === 200 && headers['content-type'] === undefined) return body === '' // to OPTIONS *
  const type = headers['content-type'] ?? 'text/plain'
  if (type.startsWith('text/plain')) return ofParser.includes(status) && body.length < maxPlain
  return [404, 503].includes(status) && (parsed(body) as { type?: string } | undefined)?.type === 'about:blank'
}

function problemOf({ status, headers, body }: Received, prefix: string): { isBlank: boolean; fault?: string } {
  if (!headers['content-type']?.startsWith('application/problem+json'))
    return { isBlank: false, fault: `an error of ${status} that is no problem+json: ${headers['content-type']}` }
  const problem = parsed(body) as Record<string, unknown> | undefined
  if (typeof problem !== 'object' || problem.status !== status || typeof problem.title !== 'string')
    return { isBlank: false, fault: `a problem without its status or title: ${body.slice(0, 200)}` }
  if (problem.type === 'about:blank')
    return ofParser.includes(status) ? { isBlank: true } : { isBlank: true, fault: `about:blank for ${status}` }
  const { code, requestId, type } = problem
  if (type !== `${prefix}/problems/${String(code)}`)
    return { isBlank: false, fault: `a problem of type ${String(type)}` }
  if (requestId !== headers['x-request-id']) return { isBlank: false, fault: 'a problem with another request id' }
  return { isBlank: false }
}

/** The operation that a request line names, as a strict router finds it. */
export function operationAt(operations: Operations, method: string, path: string): Operation | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method
  const fits = (template: string) => new RegExp(`^${template.replaceAll('.', '\\.').replace(/{\w+}/g, '[^/]+')}$`)
  const matches = operations.all.filter((it) => it.method === wanted && fits(it.path).test(path))
  return matches.find((it) => it.path === path) ?? matches[0]
}
