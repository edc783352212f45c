import type { ComposeStack } from '../harness/compose-stack'
import type { Fault, FaultContext, Outcome } from './fault'
import { watchContainers, whenHealthy } from './greedy/containers'
import { floods } from './greedy/floods'
import { idleConnections } from './greedy/idle-connections'
import { manyEvents } from './greedy/many-events'
import { manyOrders } from './greedy/many-orders'
import type { Part } from './greedy/part'
import { pipelining } from './greedy/pipelining'
import { muchCredit } from './load/steady-orders'

const parts: readonly Part[] = [pipelining, floods, idleConnections, manyEvents, manyOrders]

/** One caller takes as much as it can get, in one way after the other: it must not take a service from all others. */
export const greedy: Fault = {
  name: 'greedy',
  stack: { variables: { ...muchCredit, RATE_LIMIT_PER_MINUTE: '0' } }, // else it would take hours to rename a user that often
  run: async (context) => {
    await context.stack.startStack()
    const outcomes: Outcome[] = []
    for (const part of parts) outcomes.push(await runPart(part, context))
    return {
      done: outcomes.map(({ done }) => done).join('; '),
      figures: outcomes.flatMap(({ figures }) => figures),
      checks: outcomes.flatMap(({ checks }) => checks),
    }
  },
}

/** A part that fails does not keep the others from being tried. */
async function runPart(part: Part, context: FaultContext): Promise<Outcome> {
  const { done, figures, checks } = await watched(context.stack, () => part.run(context)).catch(notToItsEnd)
  const named = (text: string) => `${part.name}: ${text}`
  for (const { says, holds } of checks) context.tell(named(`${holds ? '' : 'NOT '}${says}`))
  return {
    done: named(done),
    figures: figures.map(named),
    checks: checks.map((check) => ({ ...check, says: named(check.says) })),
  }
}

/** Both containers are healthy before it, and are not started again meanwhile. */
async function watched(stack: ComposeStack, run: () => Promise<Outcome>): Promise<Outcome> {
  await whenHealthy(stack)
  const containers = await watchContainers(stack)
  const outcome = await run().catch(notToItsEnd)
  return { ...outcome, checks: [...outcome.checks, await containers.stop()] }
}

function notToItsEnd(error: unknown): Outcome {
  return { done: 'not to its end', figures: [], checks: [{ says: String(error), holds: false }] }
}
