import type { Log } from '../log'

const loopback = /^(::ffff:)?127\.|^::1$/

interface Exposure {
  address: string
  /** In a container, the published port decides who can connect. */
  inContainer: boolean
  log: Log
}

/** Some shells export a HOST that is not meant for this service. */
export function warnIfExposed({ address, inContainer, log }: Exposure): void {
  if (!inContainer && !loopback.test(address)) log.warn({ address }, 'HOST lets other machines reach this service')
}
