import type { IncomingMessage } from 'node:http'

const absoluteForm = /^https?:\/\/([^/?]+)(.*)$/i

/**
 * Leaves the path and query of a request target, or `*`, which is no route, if it has none: Express has no response to that.
 * The host of an absolute form replaces that of the Host header (RFC 9112, section 3.2.2).
 */
export function normaliseTarget(req: IncomingMessage): void {
  const { url = '' } = req
  if (url.startsWith('/')) return
  const [, host, rest = ''] = absoluteForm.exec(url) ?? []
  req.url = host === undefined ? '*' : rest.startsWith('/') ? rest : `/${rest}`
  if (host !== undefined) req.headers.host = host
}
