import { isIP } from 'node:net'
import type { Request } from 'express'
import { Failure } from '../failure'

/**
 * Throws `forbidden` for what a web page of somebody else could send from a browser behind our own door: in open mode
 * nothing but the address keeps strangers out. A page gives itself away by `Origin` or `Sec-Fetch-Site`; one whose name was
 * made to resolve to this machine (DNS rebinding), by `Host`.
 */
export function refuseForeignPages({ headers, host }: Request, names: readonly string[]): void {
  // Express's `host` is what a trusted proxy says in X-Forwarded-Host, or Host.
  const hosts = [headers.host, host].filter((it) => it !== undefined)
  if (!hosts.every((it) => isOwn(nameIn(it), names))) {
    const detail = 'Open mode does not know this host name. ALLOWED_HOSTS can name it.'
    throw new Failure('forbidden', { detail, reason: 'foreign-page' })
  }
  const { origin } = headers
  const isForeign = origin !== undefined && !hosts.some((it) => it.toLowerCase() === hostOf(origin))
  if (isForeign || headers['sec-fetch-site'] === 'cross-site')
    throw new Failure('forbidden', { detail: 'Open mode does nothing for other web pages.', reason: 'foreign-page' })
}

function isOwn(name: string, names: readonly string[]): boolean {
  return isIP(name) !== 0 || name === 'localhost' || names.includes(name)
}

/** Of `name:port` or `[address]:port`, the name or address. */
function nameIn(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
