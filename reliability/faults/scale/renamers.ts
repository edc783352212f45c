import { pause } from '../../harness/eventually'
import type { RunningStack } from '../../harness/running-stack'
import type { FaultContext } from '../fault'
import { askUntilAnswered, mustBe, renewToken, signUpMany, type User } from '../load/callers'

type World = Pick<FaultContext<RunningStack>, 'stack' | 'journal' | 'over'>

interface Options {
  renamers: number
  /** Between a change and the next. */
  thinkMs: number
  /** Asked before each change. */
  goOn: () => boolean
}

/** Users who change their names again and again: each change is an event that order-service follows. */
export async function startRenamers(
  world: World,
  { renamers, thinkMs, goOn }: Options,
): Promise<{ done: Promise<unknown>; count: () => number; failures: string[] }> {
  const failures: string[] = []
  let count = 0
  const users = await signUpMany(world, renamers)
  const renaming = users.map(async (user) => {
    for (let n = 1; goOn() && !world.over.aborted; n++) {
      try {
        await rename(world, user, `Ada ${n}`)
        count += 1
      } catch (error) {
        failures.push(String(error))
        return
      }
      await pause(thinkMs)
    }
  })
  return { done: Promise.all(renaming), count: () => count, failures }
}

async function rename({ stack }: World, user: User, name: string): Promise<void> {
  const path = `/users/${user.id}`
  for (;;) {
    const read = await askUntilAnswered(stack, 'user-service', { path, token: user.token })
    if (read.status === 401) await renewToken(stack, user)
    else if (read.body.name === name)
      return // an earlier try was stored, and its response was lost
    else {
      const ifMatch = read.headers.get('etag') ?? ''
      const change = { method: 'PATCH', path, token: user.token, ifMatch, body: { name } } as const
      const answer = await stack.ask('user-service', change).catch(() => undefined)
      if (answer === undefined || answer.status >= 500) continue
      mustBe(answer, 200, 412)
    }
  }
}
