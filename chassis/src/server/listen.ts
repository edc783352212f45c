import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { respondToMalformed } from './malformed-request'
import { OperatorError } from '../failure'

const farewellMs = 250
const addressFaults = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL']
const maxConnections = 4096
// Connections that the kernel takes while the service is busy. By default 511: one that comes then is tried again after a
// second, and after three, and seven.
const backlog = maxConnections
/** In milliseconds and bytes. */
export const serverLimits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 500, // else the two above are looked at every 30 s only
  keepAliveTimeout: 30_000,
  idleTimeout: 60_000, // longer than the longest answer is waited for
  maxHeaderSize: 16 * 1024,
}

export interface RunningServer {
  address: string
  port: number
  /**
   * Lets requests in flight finish, for `graceMs` at the most, and closes. For a moment it still answers, asking callers
   * to close their connections: a request that meets a closed one leaves its caller in doubt.
   * Answers how many connections had to be cut.
   */
  stop(graceMs: number): Promise<number>
}

/** Throws a StartError where the address cannot be had. */
export async function startServer(
  app: RequestListener,
  { host, port }: { host: string; port: number },
  limits = serverLimits,
): Promise<RunningServer> {
  const server = createServer(limits, app)
  server.maxConnections = maxConnections
  server.setTimeout(limits.idleTimeout)
  server.on('clientError', respondToMalformed)
  // Closing a server closes the connections that are idle then; one that falls idle later would be kept alive.
  server.on('request', (_req, res) => {
    res.on('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
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
    stop: async (graceMs) => {
      const began = performance.now()
      await wait(Math.min(farewellMs, graceMs))
      const closed = new Promise((resolve) => server.close(resolve))
      let cut = 0
      const timer = setTimeout(
        () => {
          server.getConnections((_error, count) => {
            cut = count
            server.closeAllConnections()
          })
        },
        Math.max(0, graceMs - (performance.now() - began)),
      )
      await closed
      clearTimeout(timer)
      return cut
    },
  }
}
