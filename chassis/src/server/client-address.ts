import { isIP } from 'node:net'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Request } from 'express'
import { copyText } from '../copy-text'

const ipv6Prefix = 64 // one household or machine owns them all

/** The address that a trusted proxy reports, or else the connection's own; of an IPv6 address, its /64. */
export function clientAddress(req: Request): string {
  return addressIn(req.ip ?? '') ?? addressIn(req.socket.remoteAddress ?? '') ?? 'unknown'
}

function addressIn(text: string): string | undefined {
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([^:]+):\d+$/.exec(text)?.[1] ?? text
  if (isIP(address) === 0) return undefined
  return copyText(ipKeyGenerator(address, ipv6Prefix))
}
