import { z } from 'zod'
import { ok, routine } from '../http/response'
import { route, type Route } from '../http/route'
import type { RecentLines } from '../recent-lines'

const LogLines = z.array(z.string()).meta({
  id: 'LogLines',
  examples: [['{"level":"info","time":"2026-01-31T12:00:00.000Z","requestId":"a1b2c3d4","msg":"request"}']],
})

const query = z.strictObject({
  about: z
    .string()
    .regex(/^[A-Za-z0-9._-]{8,128}$/)
    .meta({ description: 'What the lines contain: the id of a request, or of an order', examples: ['a1b2c3d4'] }),
})

/** With CHAOS=on: the last lines of the log, for an administrator who follows a request through the services. */
export function logLinesRoute(lines: RecentLines): Route {
  return route({
    method: 'get',
    path: '/log-lines',
    operationId: 'getLogLines',
    tag: 'service',
    summary: 'Get the last lines of the log that contain an id, oldest first',
    who: ['admin'],
    always: true,
    query,
    responses: { 200: LogLines },
    handle: ({ query: { about } }) => routine(ok(lines.about(about))),
  })
}
