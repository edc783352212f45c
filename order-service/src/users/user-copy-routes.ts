import type { Follower } from '@tandem/chassis/following/follower'
import { route, type Route } from '@tandem/chassis/http/route'

export function userCopyRoutes({ follower }: { follower: Follower }): Route[] {
  return [
    route({
      method: 'post',
      path: '/user-copy/rebuild',
      summary: "Throw the copy of users away, and make it again from user-service's feed",
      who: ['admin'],
      responses: { 202: 'nothing' },
      handle: async ({ requestId }) => {
        await follower.startOver(requestId)
        return { status: 202 }
      },
    }),
  ]
}
