import type { Follower } from '@tandem/chassis/following/follower'
import { route, type Route } from '@tandem/chassis/http/route'

export function userCopyRoutes({ follower }: { follower: Follower }): Route[] {
  return [
    route({
      method: 'post',
      path: '/user-copy/rebuild',
      operationId: 'rebuildUserCopy',
      summary: "Delete the copy of the users and rebuild it from user-service's events",
      who: ['admin'],
      responses: { 202: 'nothing' },
      handle: async ({ requestId }) => {
        await follower.startOver(requestId)
        return { status: 202 }
      },
    }),
  ]
}
