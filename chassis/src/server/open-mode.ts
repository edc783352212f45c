import { isIP } from 'node:net'
import type { Request } from 'express'
import { Failure } from '../failure'

/**
 * Throws `forbidden` for a foreign page's requests, unless its origin is listed: `Origin` and `Sec-Fetch-Site` reveal it,
 * `Host` DNS rebinding.
 */
export function refuseForeignPages(
  { headers, host }: Request,
  names: readonly string[],
  corsOrigins: readonly string[],
): void {
  // Express's `host` is X-Forwarded-Host from a trusted proxy, or else Host.
  const hosts = [headers.host, host].filter((it) => it !== undefined)
  if (!hosts.every((it) => isOwn(nameIn(it), names))) {
    const detail = 'Open mode does not know this host name. ALLOWED_HOSTS can name it.'
    throw new Failure('forbidden', { detail, reason: 'foreign-page' })
  }
  const { origin } = headers
  if (origin !== undefined && corsOrigins.includes(origin)) return
  const isForeign = origin !== undefined && !hosts.some((it) => it.toLowerCase() === hostOf(origin))
  if (isForeign || headers['sec-fetch-site'] === 'cross-site')
    throw new Failure('forbidden', {
      detail: 'Open mode refuses other web pages. CORS_ORIGINS can name them.',
      reason: 'foreign-page',
    })
}

function isOwn(name: string, names: readonly string[]): boolean {
  return isIP(name) !== 0 || name === 'localhost' || names.includes(name)
}

function nameIn(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
