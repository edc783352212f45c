import type { ComposeStack } from '../harness/compose-stack'
import type { ScaleStack } from '../harness/scale-stack'
import type { Fault } from './fault'

/** What Tandem runs on, and the faults that are tried there. */
export interface Size<Stack extends ComposeStack | ScaleStack> {
  /** The stack of a fault, with what it has on top of Compose's defaults. */
  stackOf: (fault?: Pick<Fault<Stack>, 'stack'>) => Stack
  /** Those that `--short` runs by itself. */
  shortFaults: readonly string[]
  faults: readonly Fault<Stack>[]
}
