/**
 * Places orders as fast as one core can, over bare sockets: the other callers need more of a core for an order than the
 * services do. A process of its own that is given a Load as JSON, and prints the result as JSON. All connections are
 * open and have been used before the first order is placed.
 */
import { connect, type Socket } from 'node:net'
import { quantile } from './open-loop'

export interface Load {
  host: string
  port: number
  /** Of the users who order, each in turn. */
  tokens: string[]
  seconds: number
  /** At even times, however those before fared; where it is not given, each connection orders again once it is answered. */
  perSecond?: number
  connections: number
}

export interface Answers {
  seconds: number
  /** How many were answered with which status; with 0, where no answer came. */
  statuses: Record<number, number>
  /** How many were left out, because all connections waited for an answer. */
  unsent: number
  /** How many refusals did not say when to come again. */
  withoutRetryAfter: number
  /** In milliseconds from when they were due, the 50th and the 99th percentile. */
  refusedMs: [number, number]
  acceptedMs: [number, number]
  /** The orders that were accepted: whose, with which status. */
  accepted: { token: number; status: number; id: string }[]
}

const { host, port, tokens, seconds, perSecond, connections }: Load = JSON.parse(process.argv[2] ?? '')
const body = '{"items":[{"productId":"cable","quantity":1}]}'
const requests = tokens.map(
  (token) =>
    `POST /orders HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
)

const statuses: Record<number, number> = {}
const accepted: Answers['accepted'] = []
const refusedMs: number[] = []
const acceptedMs: number[] = []
let withoutRetryAfter = 0
let unsent = 0
let next = 0

const hello = `GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`

class Caller {
  #socket: Socket | undefined
  #answer = ''
  #token = 0
  #due: number | undefined
  #onHello: (() => void) | undefined

  /** Throws nothing: where there is no connection now, the first order makes one. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#onHello = resolve
      this.#socket = this.#connect()
      this.#socket.write(hello)
    })
  }

  ask(due: number): void {
    this.#due = due
    this.#token = next++ % tokens.length
    this.#socket ??= this.#connect()
    this.#socket.write(requests[this.#token] ?? '')
  }

  #connect(): Socket {
    const socket = connect({ host, port, noDelay: true }).setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      this.#answer += chunk
      const head = this.#answer.indexOf('\r\n\r\n') + 4
      if (head < 4) return
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#answer)?.[1] ?? 0)
      if (this.#answer.length < head + length) return
      const answer = this.#answer.slice(0, head)
      this.#answer = ''
      this.#answered(Number(answer.slice(9, 12)), answer)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#socket = undefined
      this.#answer = ''
      this.#answered(0, '')
    })
    return socket
  }

  #answered(status: number, head: string): void {
    this.#onHello?.()
    if (this.#due === undefined) return // not for an order
    const tookMs = performance.now() - this.#due
    this.#due = undefined
    statuses[status] = (statuses[status] ?? 0) + 1
    if (status === 201 || status === 202) {
      acceptedMs.push(tookMs)
      const [, id = ''] = /\r\nlocation: \/orders\/(\S+)/i.exec(head) ?? []
      accepted.push({ token: this.#token, status, id })
    } else {
      refusedMs.push(tookMs)
      if (!/\r\nretry-after: \d/i.test(head)) withoutRetryAfter += 1
    }
    whenFree(this)
  }

  close(): void {
    this.#due = undefined
    this.#socket?.destroy()
  }
}

const callers = Array.from({ length: connections }, () => new Caller())
const free = [...callers]
let began = Number.NaN
let busy = 0
let sent = 0

function elapsed(): number {
  return (performance.now() - began) / 1000
}

function whenFree(caller: Caller): void {
  if (perSecond === undefined && elapsed() < seconds) {
    caller.ask(performance.now())
    return
  }
  busy -= 1
  free.push(caller)
}

function start(due: number): void {
  const caller = free.shift() // the one that was idle for longest: none is closed for being idle
  if (caller === undefined) {
    unsent += 1
    return
  }
  busy += 1
  caller.ask(due)
}

async function main(): Promise<void> {
  await Promise.all(callers.map((caller) => caller.open()))
  began = performance.now()
  if (perSecond === undefined) {
    for (let i = 0; i < connections; i++) start(performance.now())
  }
  const timer = setInterval(() => {
    if (perSecond !== undefined) {
      for (; sent < Math.min(elapsed(), seconds) * perSecond; sent++) start(began + (1000 * sent) / perSecond)
    }
    const late = elapsed() > seconds + 10
    if (elapsed() < seconds || (busy > 0 && !late)) return
    clearInterval(timer)
    if (late) statuses[0] = (statuses[0] ?? 0) + busy
    for (const caller of callers) caller.close()
    const answers: Answers = {
      seconds,
      statuses,
      unsent,
      withoutRetryAfter,
      refusedMs: percentiles(refusedMs),
      acceptedMs: percentiles(acceptedMs),
      accepted,
    }
    process.stdout.write(JSON.stringify(answers))
  }, 1)
}

function percentiles(values: number[]): [number, number] {
  return values.length === 0 ? [0, 0] : [quantile(values, 0.5), quantile(values, 0.99)]
}

void main()
