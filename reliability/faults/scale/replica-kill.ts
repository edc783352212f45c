import { serviceNames } from '../../harness/compose-stack'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { killAtRandom } from '../kill'

/** Any replica is killed at random moments, and restarted at once. */
export const replicaKill: Fault<ScaleStack> = {
  name: 'replica-kill',
  run: async (context) => {
    const { stack, orders, short } = context
    await stack.startStack()
    const replicas = await stack.containersOf(...serviceNames)
    return killAtRandom(context, replicas, { kills: short ? 8 : 100, orders: orders ?? (short ? 400 : 10_000) })
  },
}
