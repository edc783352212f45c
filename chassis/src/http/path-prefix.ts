import type { Response } from 'express'

const maxLength = 256
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+$/

/** What a trusted proxy removed from the path, as it says in X-Forwarded-Prefix. Links begin with it. */
export function pathPrefix({ req, app }: Pick<Response, 'req' | 'app'>): string {
  const prefix = req.headers['x-forwarded-prefix']
  if (typeof prefix !== 'string' || prefix.length > maxLength || !plainPath.test(prefix)) return ''
  const isTrusted = app.get('trust proxy fn') as (address: string | undefined, hop: number) => boolean // set by createApp
  return isTrusted(req.socket.remoteAddress, 0) ? prefix : ''
}
