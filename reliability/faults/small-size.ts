import { composeStack, type ComposeStack } from '../harness/compose-stack'
import { boot } from './boot'
import { clock } from './clock'
import { diskFull } from './disk-full'
import { down } from './down'
import { fsync } from './fsync'
import { greedy } from './greedy'
import { hang } from './hang'
import { kill } from './kill'
import { lostAnswer } from './lost-answer'
import { memory } from './memory'
import { overload } from './overload'
import { partition } from './partition'
import { restore } from './restore'
import { rolling } from './rolling'
import { slowLoris } from './slow-loris'
import { storm } from './storm'
import type { Size } from './size'

/** Neither the default ones nor those of the tests. */
const ports = { 'user-service': 3500, 'order-service': 3501, gateway: 3504 }

/** The faults of docker-compose.yml. */
export const smallSize: Size<ComposeStack> = {
  stackOf: (fault) => composeStack({ project: 'tandem-faults', ports, ...fault?.stack }),
  shortFaults: ['kill', 'down'],
  faults: [
    kill,
    lostAnswer,
    down,
    hang,
    partition,
    rolling,
    boot,
    restore,
    storm,
    fsync,
    diskFull,
    slowLoris,
    memory,
    overload,
    clock,
    greedy,
  ],
}
