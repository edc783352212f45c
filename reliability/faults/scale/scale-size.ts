import { scaleStack, type ScaleStack } from '../../harness/scale-stack'
import type { Size } from '../size'
import { broker } from './broker'
import { commitUnknown } from './commit-unknown'
import { gateway } from './gateway'
import { leader } from './leader'
import { postgresRestart } from './postgres-restart'
import { replicaKill } from './replica-kill'
import { rollingScale } from './rolling-scale'
import { scaleOut } from './scale-out'
import { silentRelay } from './silent-relay'

/** The faults of docker-compose.scale.yml. */
export const scaleSize: Size<ScaleStack> = {
  stackOf: (fault) => scaleStack({ project: 'tandem-scale-faults', gatewayPort: 3560, ...fault?.stack }),
  shortFaults: ['replica-kill', 'postgres-restart', 'broker'],
  faults: [replicaKill, postgresRestart, commitUnknown, scaleOut, rollingScale, gateway, broker, leader, silentRelay],
}
