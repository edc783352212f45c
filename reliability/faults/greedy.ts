import type { ComposeStack } from '../harness/compose-stack'
import type { Fault, FaultContext, Outcome } from './fault'
import { watchRestarts, whenHealthy } from './greedy/containers'
import { floods } from './greedy/floods'
import { idleConnections } from './greedy/idle-connections'
import { manyEvents } from './greedy/many-events'
import { manyOrders } from './greedy/many-orders'
import { named, type Part } from './greedy/part'
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
  const all = named(part.name, checks)
  for (const { message, holds } of all) context.tell(`${holds ? '' : 'NOT '}${message}`)
  return { done: `${part.name}: ${done}`, figures: figures.map((figure) => `${part.name}: ${figure}`), checks: all }
}

/** Both services are healthy before it, and are not started again meanwhile. */
async function watched(stack: ComposeStack, run: () => Promise<Outcome>): Promise<Outcome> {
  await whenHealthy(stack)
  const checkRestarts = await watchRestarts(stack)
  const outcome = await run().catch(notToItsEnd)
  return { ...outcome, checks: [...outcome.checks, await checkRestarts()] }
}

function notToItsEnd(error: unknown): Outcome {
  return { done: 'did not finish', figures: [], checks: [{ message: String(error), holds: false }] }
}
