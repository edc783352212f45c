import type { ComposeStack } from '../harness/compose-stack'
import type { RunningStack } from '../harness/running-stack'
import type { Journal } from './load/journal'

/** Something that is done to the running services, and what must hold then. */
export interface Fault<Stack extends RunningStack = ComposeStack> {
  name: string
  /** What its stack has on top of Compose's defaults: files, by their paths from the root, and variables. */
  stack?: { files?: readonly string[]; variables?: Readonly<Record<string, string>> }
  /**
   * Starts the stack, breaks it and reports the result. Whether or not the services run in the end: both are started after
   * it, must settle, and are audited with the journal.
   */
  run(context: FaultContext<Stack>): Promise<Outcome>
}

export interface FaultContext<Stack extends RunningStack = ComposeStack> {
  /** Of this fault alone: nothing of it is there yet but the images. */
  stack: Stack
  /** What the services acknowledged to callers. */
  journal: Journal
  /** The numbers of the seed. */
  random: () => number
  seed: number
  /** As many orders as the command line asks for, where it does. */
  orders: number | undefined
  /** Whether it shall do with a small part of what it does by itself. */
  short: boolean
  /** Aborted once `run` has ended, however it did: callers go home. */
  over: AbortSignal
  /** Says how far it is. */
  tell: (progress: string) => void
}

export interface Outcome {
  /** What was done, with its numbers. */
  done: string
  /** What was measured, each with its unit. */
  figures: string[]
  checks: Check[]
}

export interface Check {
  /** What must hold, with the figure that shows it. */
  message: string
  holds: boolean
  /** Of how many none was bad, where that is what it says. */
  noneOf?: number
}
