import { z } from 'zod'
import { ok } from '@tandem/chassis/http/response'
import { route, type Route } from '@tandem/chassis/http/route'

const undescribed = { method: 'get', who: 'anyone', summary: 'for a test', responses: {} } as const

/** How large the response of /large is: more than the kernel takes of a response that is not read. */
export const largeBytes = 20_000_000

/** Routes that respond when the test says so, and some that respond at once. */
export function heldRoutes() {
  const begun: string[] = []
  const waiting: (() => void)[] = []
  const wait = (what: string) => {
    begun.push(what)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  const Body = z.strictObject({ name: z.string().optional() })
  const large = Buffer.alloc(largeBytes, 'x')
  const routes: Route[] = [
    route({
      ...undescribed,
      path: '/held/:name',
      params: z.strictObject({ name: z.string() }),
      handle: ({ params: { name } }) => wait(name).then(() => ok({ name })),
    }),
    route({
      ...undescribed,
      method: 'post',
      path: '/held',
      body: Body,
      handle: ({ body }) => wait(String(body.name)).then(() => ok(body)),
    }),
    route({ ...undescribed, path: '/quick', handle: () => ok({}) }),
    route({ ...undescribed, path: '/large', mediaType: 'text/plain', handle: () => ok(large) }),
  ]
  /** Lets the request that waits for longest have its response. */
  const letGo = () => waiting.shift()?.()
  return { routes, begun, waiting, letGo }
}
