import { randomNumbers } from '../harness/random-numbers'
import type { RunningStack } from '../harness/running-stack'
import type { Check, Fault, FaultContext, Outcome } from './fault'
import { auditCheck } from './audit-check'
import { Journal } from './load/journal'
import { settled } from './load/settled'
import { clear } from './stack'

const settlingMs = 60_000

export interface Verdict extends Outcome {
  name: string
  passed: boolean
}

/** Runs the fault on its own stack, which must then recover, settle and pass the audit. */
export async function runFault<Stack extends RunningStack>(
  fault: Fault<Stack>,
  stack: Stack,
  options: Pick<FaultContext, 'seed' | 'orders' | 'short'>,
): Promise<Verdict> {
  const { name } = fault
  const began = performance.now()
  const tell = (progress: string) => {
    process.stderr.write(`${name} ${((performance.now() - began) / 1000).toFixed(0)} s: ${progress}\n`)
  }
  const journal = new Journal()
  const end = new AbortController()
  try {
    await clear(stack)
    const random = randomNumbers(options.seed)
    const over = end.signal
    const outcome = await fault.run({ ...options, stack, journal, random, over, tell }).finally(() => end.abort())
    await stack.startStack()
    const { unfinished } = await settled(stack, settlingMs)
    const atRest: Check = { message: `${unfinished} unfinished at the end`, holds: unfinished === 0 }
    const audited = await auditCheck(stack, journal)
    const checks = [...outcome.checks, ...(atRest.holds ? [] : [atRest]), audited]
    for (const { message, holds } of checks) tell(`${holds ? 'holds' : 'FAILS'}: ${message}`)
    return { ...outcome, name, checks, passed: checks.every(({ holds }) => holds) }
  } catch (error) {
    tell(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    tell(await stack.compose('logs', '--tail', '20').catch(String))
    const message = (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? '' // of a command, why
    return { name, done: 'did not finish', figures: [], checks: [{ message, holds: false }], passed: false }
  } finally {
    await clear(stack).catch((error: unknown) => tell(`not cleared: ${String(error)}`))
  }
}
