import type { Queries } from '../database/database'
import { Failure } from '../failure'
import { ok } from './answer'
import { route, type Route } from './route'

interface Deps {
  service: string
  version: string
  read: Queries
  isStopping: () => boolean
}

/** Health is about the service itself: whether a neighbour lives never matters here. */
export function healthRoutes({ service, version, read, isStopping }: Deps): Route[] {
  const ready = async () => {
    if (isStopping()) throw new Failure('unavailable', { detail: 'The service is stopping.' })
    try {
      await read.get('SELECT 1 AS one FROM migrations LIMIT 1')
    } catch (cause) {
      throw new Failure('unavailable', { detail: 'The database does not answer.', cause })
    }
    return ok({ status: 'ok', service, version, checks: { database: 'ok' } })
  }
  return [
    route({ method: 'get', path: '/health', who: 'anyone', handle: ready }),
    route({ method: 'get', path: '/health/ready', who: 'anyone', handle: ready }),
    route({ method: 'get', path: '/health/live', who: 'anyone', handle: () => ok({ status: 'ok' }) }),
  ]
}
