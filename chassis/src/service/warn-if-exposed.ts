import type { Log } from '../log'

const loopback = /^(::ffff:)?127\.|^::1$/

interface Exposure {
  /** What the server listens on. */
  address: string
  /** There, who reaches a service is decided by how its port is published. */
  inContainer: boolean
  log: Log
}

/** Warns if other machines may reach the service: some shells export a HOST that is not meant for it. */
export function warnIfExposed({ address, inContainer, log }: Exposure): void {
  if (!inContainer && !loopback.test(address)) log.warn({ address }, 'HOST lets other machines reach this service')
}
