import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { OperatorError } from '../failure'
import type { Log } from '../log'
import { Connections } from './connections'
import { parserRefusal, refuse, requestRefusal, type Refusal } from './refusal'
import { normaliseTarget } from './request-target'
import { stoppableRequest } from './stoppable-request'

const farewellMs = 250
const addressFaults = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL']
/** In milliseconds and bytes. */
export const serverLimits = {
  headersTimeout: 5_000, // from the connection's start too: nothing may come for so long
  requestTimeout: 10_000,
  connectionsCheckingInterval: 500, // else the two above are looked at every 30 s only
  keepAliveTimeout: 30_000,
  idleTimeout: 60_000, // longer than the longest answer is waited for
  unreadTimeout: 30_000,
  lingerTimeout: 2_000,
  maxHeaderSize: 16 * 1024,
  maxConnections: 4096,
  maxWaiting: 16,
  maxWaitingBytes: 8 * 1024 * 1024,
  maxUnreadBytes: 32 * 1024 * 1024,
}
// Connections that the kernel takes while the service is busy. By default 511: one that comes then is tried again after a
// second, and after three, and seven.
const backlog = serverLimits.maxConnections

interface Options {
  host: string
  port: number
  log: Log
  /** Whether the log names the addresses of clients; by default it does. */
  logClientAddress?: boolean
}

export interface RunningServer {
  address: string
  port: number
  /** Where it is reached from the same machine or container. */
  url: string
  /**
   * Still serves everything for `delayMs`, asking callers to close their connections: a request that meets a closed one
   * leaves its caller in doubt. Then lets requests in flight finish, for `graceMs` at most, and closes.
   * Returns how many connections had to be cut.
   */
  stop(graceMs: number, delayMs?: number): Promise<number>
}

/** Throws an OperatorError where the address cannot be had. */
export async function startServer(
  app: RequestListener,
  { host, port, log, logClientAddress = true }: Options,
  limits = serverLimits,
): Promise<RunningServer> {
  const note = (message: string, socket: Socket, fields: object) => {
    log.debug({ ...fields, ...(logClientAddress && { client: socket.remoteAddress }) }, message)
  }
  const refusing =
    (refusal: Refusal): RequestListener =>
    (req, res) => {
      note('request refused', req.socket, refusal)
      refuse(refusal)(req, res)
    }
  const connections = new Connections(limits, {
    cut: (socket, reason) => {
      note('connection cut', socket, { reason })
    },
    refused: (socket, refusal) => {
      note('request refused', socket, refusal)
    },
  })
  const isFull = (socket: Socket) => connections.isFull(socket)
  const server = createServer({
    ...limits,
    requireHostHeader: false, // requestRefusal looks for it
    IncomingMessage: stoppableRequest(isFull),
    shouldUpgradeCallback: ({ socket }) => isFull(socket), // any other upgrade is not done, and the request is served
  })
  server.setTimeout(limits.idleTimeout)
  server.closeIdleConnections = () => {
    connections.closeIdle() // Node's own also cuts off responses that are not read yet
  }
  server.on('connection', (socket) => {
    connections.accept(socket)
  })
  server.on('request', (req, res) => {
    normaliseTarget(req)
    const refusal = requestRefusal(req)
    connections.take(req, res, refusal ? refusing(refusal) : app)
  })
  server.on('checkExpectation', (req, res) => {
    connections.take(req, res, refusing({ status: 417, reason: 'expectation' }))
  })
  server.on('upgrade', (_req, socket) => {
    connections.finish(socket)
  })
  server.on('connect', (_req, socket) => {
    connections.finish(socket, { status: 501, reason: 'connect' })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET') socket.destroy()
    else connections.finish(socket, parserRefusal(error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message
      const why = code === 'EADDRINUSE' ? 'it is taken' : code
      const hint = addressFaults.includes(code)
        ? '. HOST, in the environment or .env, must be an address of this machine'
        : ''
      reject(new OperatorError(`cannot listen on ${host}:${port}: ${why}${hint}`, { cause: error }))
    })
    server.listen({ port, host, backlog }, resolve)
  })
  const { address, port: listeningOn } = server.address() as AddressInfo // a server on a TCP port has both
  return {
    address,
    port: listeningOn,
    url: reachableUrl(host, listeningOn),
    stop: async (graceMs, delayMs = Math.min(farewellMs, graceMs)) => {
      await wait(delayMs)
      const closed = new Promise((resolve) => server.close(resolve))
      let cut = 0
      const timer = setTimeout(() => {
        cut = connections.closeAll()
      }, graceMs)
      await closed
      clearTimeout(timer)
      return cut
    },
  }
}

/** Where a server that listens on `host` is reached from the same machine. */
export function reachableUrl(host: string, port: number): string {
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
