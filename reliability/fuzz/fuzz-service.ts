import fc from 'fast-check'
import { posix } from 'node:path'
import { Operations } from '../harness/operations'
import { RawConnection, type Received } from '../harness/raw-connection'
import { anonymousMemory, type ServiceName } from '../harness/service-processes'
import type { Address, Tandem } from '../harness/tandem'
import { attack, send } from './bare-sockets'
import { faultsOf, operationAt } from './check-response'
import { Findings } from './findings'
import { mutations } from './mutations'
import { bytesOf, validRequest, type FuzzRequest } from './request'
import { drawsOf, oneOf, type Draw } from './values'
import type { World } from './world'

const callers = 8
const preparedEvery = 50
const fewestUsers = 3
const samples = 90
const socketsIn100 = 3
const validIn100 = 35
/** Go goes by the chunks, as RFC 9112 allows, and hands on what it read, framed anew. */
const takesOneOfTwoLengths = ['length and chunks', 'odd encoding']

export interface FuzzResult {
  service: ServiceName
  requests: number
  seconds: number
  findings: Findings
  memory: Memory
}

/** In the course of the run, in kB; empty if the process was not started here. */
export interface Memory {
  /** What the process owns. */
  owned: number[]
  /** What is in use of the heap. */
  heap: number[]
}

interface Run {
  service: ServiceName
  at: Address
  operations: Operations
  world: World
  findings: Findings
}

/** Sends so many requests, each made of the seed and its number. */
export async function fuzzService(
  tandem: Tandem,
  service: ServiceName,
  world: World,
  { requests, seed, from = 0 }: { requests: number; seed: number; from?: number },
): Promise<FuzzResult> {
  await world.prepare()
  const at = tandem.at[service]
  const process = tandem.services?.[service]
  const run = { service, at, world, operations: await Operations.of(at), findings: new Findings() }
  const began = performance.now()
  const memory: Memory = { owned: [], heap: [] }
  let next = from
  const call = async () => {
    const connection = new RawConnection(at.port)
    while (next < from + requests && process?.hasEnded() !== true) {
      const number = next++
      if (number % preparedEvery === 0 || world.users.length < fewestUsers) await world.prepare()
      await one(run, connection, drawsOf(seed, number), number)
      if (process !== undefined && number % Math.ceil(requests / samples) === 0) {
        memory.owned.push(anonymousMemory(process.pid) ?? 0)
        memory.heap.push(await heapInUse(process.port))
      }
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: callers }, call))
  if ((await tandem.ended()) > 0) run.findings.add('process', next, 'the process has ended', '')
  const seconds = (performance.now() - began) / 1000
  return { service, requests: next - from, seconds, findings: run.findings, memory }
}

async function heapInUse(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const [, bytes] = /^nodejs_heap_size_used_bytes (\d+)$/m.exec(metrics) ?? []
  if (bytes === undefined) throw new Error('the metrics have no nodejs_heap_size_used_bytes')
  return Number(bytes) / 1024
}

async function one(run: Run, connection: RawConnection, draw: Draw, number: number): Promise<void> {
  const kind = draw(fc.nat, { max: 99 })
  if (kind < socketsIn100) return bare(run, draw, number)
  const valid = validRequest(draw, run.service, run.operations, run.world)
  if (kind < socketsIn100 + validIn100) return exchange(run, connection, { number, kind: 'valid', request: valid })
  const mutation = oneOf(
    draw,
    mutations.filter((it) => it.fits(valid)),
  )
  const { request, expected } = mutation.apply(draw, valid)
  return exchange(run, connection, { number, kind: mutation.name, request, expected })
}

interface Sent {
  number: number
  kind: string
  request: FuzzRequest
  expected?: readonly number[] | undefined
}

async function exchange(run: Run, connection: RawConnection, sent: Sent): Promise<void> {
  const { operations, findings, world } = run
  const { request, number, kind, expected } = sent
  const bytes = bytesOf(request, run.at.prefix)
  let received = await connection.exchange(bytes, request.method)
  if (received === undefined) {
    connection.close() // it may have been closed just then, which any client must expect
    findings.count('sent again', 0)
    received = await connection.exchange(bytes, request.method)
  }
  const shown = () => shownRequest(bytes, world)
  if (received === undefined) {
    connection.close()
    findings.add(kind, number, 'no response', shown())
    return
  }
  findings.count(kind, received.status)
  const operation = operationAt(operations, request.method, pathAtService(request.path, run.at))
  const secrets = request.headers.filter(([name]) => name === 'Authorization').map(([, value]) => value.slice(7))
  const asked = { operation, method: request.method, expected, secrets, prefix: run.at.prefix }
  for (const fault of faultsOf(asked, received, operations)) findings.add(kind, number, fault, shown())
  if (kind === 'valid' && isRefusedAsInvalid(received))
    findings.add(kind, number, `a valid request is refused: ${received.body.slice(0, 300)}`, shown())
  keepUp(world, request, received)
}

/** The gateway takes `x/..` out of a path. */
function pathAtService(path: string, { prefix }: Address): string {
  return prefix === '' ? path : posix.normalize(path)
}

function isRefusedAsInvalid({ status }: Received): boolean {
  return [400, 405, 413, 415].includes(status)
}

/** What a request changed in the world. */
function keepUp(world: World, { method, user, operation }: FuzzRequest, { status, body }: Received): void {
  if (method === 'DELETE' && operation.path === '/users/{id}' && status === 204) world.forget(user.id)
  if (method !== 'POST' || !operation.path.endsWith('/keys') || status !== 201) return
  user.apiKey = (JSON.parse(body) as { apiKey: string }).apiKey
}

async function bare({ at, service, findings, operations }: Run, draw: Draw, number: number): Promise<void> {
  const tried = attack(draw, service, at.prefix)
  const kind = `socket: ${tried.name}`
  const shown = tried.chunks.map((chunk) => JSON.stringify(chunk.toString('latin1')).slice(0, 400)).join(' ')
  const received = await send(at.port, tried)
  for (const response of received) {
    findings.count(kind, response.status)
    const asked = { operation: undefined, method: 'GET', secrets: [], prefix: at.prefix }
    const faults = faultsOf(asked, response, operations).filter(
      (it) => response.status >= 400 || !it.includes('inside'),
    )
    for (const fault of faults) findings.add(kind, number, fault, shown)
  }
  const { expected } = tried
  if (!expected) return
  if (at.prefix !== '') {
    // The gateway parses by rules of its own, but no more comes back than was asked for.
    if (received.length > expected.length && !takesOneOfTwoLengths.includes(tried.name))
      findings.add(kind, number, `${received.length} responses and not ${expected.length}`, shown)
    return
  }
  const fits = received.length === expected.length && received.every(({ status }, i) => expected[i]?.includes(status))
  if (!fits)
    findings.add(kind, number, `${received.map(({ status }) => status).join()} and not ${expected.join()}`, shown)
}

/** The bytes as text, with a name for each token. */
function shownRequest(bytes: Buffer, { users, admin, service }: World): string {
  let text = bytes.toString('latin1').slice(0, 1500)
  for (const { token, apiKey } of users) text = text.replaceAll(token, '<token>').replaceAll(apiKey, '<key>')
  text = text.replaceAll(admin, '<admin token>')
  return JSON.stringify(text.replaceAll(service, '<service token>'))
}
