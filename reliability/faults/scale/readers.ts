import { pause } from '../../harness/eventually'
import type { ServiceName } from '../../harness/compose-stack'
import type { RunningStack } from '../../harness/running-stack'
import type { FaultContext } from '../fault'
import { renewToken, signUp } from '../load/callers'

interface Options {
  readers: number
  /** Between a read and the next. */
  thinkMs: number
  /** Asked before each read. */
  goOn: () => boolean
}

/** Callers who read, and never repeat a read that failed. */
export async function startReaders(
  world: Pick<FaultContext<RunningStack>, 'stack' | 'journal' | 'over'>,
  { readers, thinkMs, goOn }: Options,
): Promise<{ done: Promise<unknown>; count: () => number; failures: string[] }> {
  const { stack, over } = world
  const failures: string[] = []
  let count = 0
  const user = await signUp(world)
  const reads: readonly [ServiceName, string][] = [
    ['user-service', `/users/${user.id}`],
    ['order-service', '/orders'],
    ['order-service', '/products'],
  ]
  const read = async (service: ServiceName, path: string) => {
    count += 1
    const { status } = await stack.ask(service, { path, token: user.token })
    if (status === 401) await renewToken(stack, user)
    else if (status !== 200) failures.push(`${path}: ${status}`)
  }
  const reading = Array.from({ length: readers }, async (_, i) => {
    for (let n = i; goOn() && !over.aborted; n++) {
      const [service, path] = reads[n % reads.length] ?? ['order-service', '/products']
      await read(service, path).catch((error: unknown) => failures.push(`${path}: ${String(error)}`))
      await pause(thinkMs)
    }
  })
  return { done: Promise.all(reading), count: () => count, failures }
}
