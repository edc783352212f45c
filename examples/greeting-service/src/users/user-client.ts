import type { TokenSource } from '@tandem/chassis/auth/token-source'
import { Failure } from '@tandem/chassis/failure'
import type { System } from '@tandem/chassis/system'
import type { UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import { z } from 'zod'

const maxWaitMs = 2_500

const User = z.object({ id: z.string(), name: z.string() })
const Problem = z.object({ code: z.string() })

/** Asks user-service. */
export class UserClient {
  constructor(
    private readonly upstream: UpstreamClient,
    private readonly tokens: Pick<TokenSource, 'token'>,
    private readonly system: Pick<System, 'monotonic'>,
  ) {}

  /** The name of a user; undefined if there is no such user. Throws `unavailable` if there is no response that says so. */
  async nameOf(userId: string, requestId: string): Promise<string | undefined> {
    const headers = { authorization: `Bearer ${await this.tokens.token()}`, 'x-request-id': requestId }
    const deadline = this.system.monotonic() + maxWaitMs
    const result = await this.upstream.call({ method: 'GET', path: `/users/${userId}`, headers }, { deadline })
    if (!result.answered) throw unavailable(result.reason)
    const user = User.safeParse(result.body)
    if (result.status === 200 && user.data?.id === userId) return user.data.name
    if (result.status === 404 && Problem.safeParse(result.body).data?.code === 'user-not-found') return undefined
    throw unavailable(`status-${result.status}`)
  }
}

function unavailable(reason: string): Failure {
  return new Failure('unavailable', { detail: 'user-service gave no response that decides', cause: new Error(reason) })
}
