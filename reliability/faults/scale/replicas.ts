import type { ServiceName } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'
import type { ScaleStack } from '../../harness/scale-stack'

/** Asks each replica, from inside, until it is. */
export async function whenAllReady(stack: ScaleStack, ...services: readonly ServiceName[]): Promise<void> {
  const replicas = await stack.containersOf(...services)
  await Promise.all(
    replicas.map((replica) =>
      eventually(30_000, `${replica} is ready`, () =>
        stack.docker('exec', replica, 'node', 'chassis/dist/service/health-check.js').then(
          () => true as const,
          () => undefined,
        ),
      ),
    ),
  )
}
