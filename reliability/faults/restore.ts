import { rmSync } from 'node:fs'
import { commandsOf } from '../harness/commands'
import { root, type ComposeStack } from '../harness/compose-stack'
import { runInBash } from '../harness/run-in-bash'
import { auditCheck, runAudit } from './audit-check'
import type { Check, Fault, FaultContext, Outcome } from './fault'
import { newFolder } from './folders'
import { Journal } from './load/journal'
import { settled } from './load/settled'
import { allAnswered, startShoppers, whenOrders } from './load/shoppers'
import { muchCredit } from './load/steady-orders'

/** Both are backed up under load, one after the other, and restored later, by the commands of docs/operating.md. */
export const restore: Fault = {
  name: 'restore',
  stack: { variables: muchCredit }, // with user-service first deposits are lost that orders were confirmed with
  run: async (context) => {
    const [ofOrders, ofUsers, restoreBoth] = commandsOf('docs/operating.md', 'back-up').map(({ script }) => script)
    if (ofOrders === undefined || ofUsers === undefined || restoreBoth === undefined)
      throw new Error('commands are missing')
    await context.stack.startStack()
    const one = await round(context, [ofOrders, ofUsers, restoreBoth])
    const other = await round(context, [ofUsers, ofOrders, restoreBoth])
    return {
      done: `backed up under load, and restored: order-service first (${one.done}), then user-service first (${other.done})`,
      figures: [...one.figures, ...other.figures],
      checks: [...one.checks, ...other.checks],
    }
  },
}

/** Leaves in the journal what was acknowledged before the first back-up began: nothing of that may be missing. */
async function round(
  context: FaultContext,
  [first, second, restoreBoth]: readonly [string, string, string],
): Promise<Outcome> {
  const { stack, journal, orders, short, tell } = context
  const maxOrders = orders ?? (short ? 400 : 4000)
  const promised = new Journal()
  const options = { shoppers: 20, thinkMs: 20, goOn: () => sales.orders < maxOrders }
  const { sales, done } = await startShoppers({ ...context, journal: promised }, options)
  const folder = newFolder()
  const run = (block: string) => runInBash(block.replaceAll('backup', folder), { cwd: root, env: stack.environment })
  try {
    await whenOrders(sales, 0.4 * maxOrders)
    for (const line of promised.lines) journal.add(line)
    const acknowledged = promised.orders
    await run(first)
    await whenOrders(sales, 0.6 * maxOrders)
    await run(second)
    tell(`backed up, ${acknowledged} orders were acknowledged before and ${promised.orders - acknowledged} meanwhile`)
    await done

    const said = (await run(restoreBoth)).split('\n').filter((line) => /^(orders|holds): /.test(line))
    tell(said.join(', '))
    const { unfinished } = await settled(stack, 60_000)
    return {
      done: `${acknowledged} of ${promised.orders} orders acknowledged before`,
      figures: said,
      checks: [
        allAnswered(sales),
        { message: `${unfinished} unfinished`, holds: unfinished === 0 },
        await lossesAreListed(stack, promised),
        await auditCheck(stack, journal),
      ],
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** All that was acknowledged and is not there any more, and no other, is reported by the audit. */
async function lossesAreListed(stack: ComposeStack, promised: Journal): Promise<Check> {
  const there = new Set<string>()
  for (const [service, table] of [
    ['order-service', 'orders'],
    ['user-service', 'deposits'],
    ['user-service', 'users'],
  ] as const) {
    for (const { id } of await stack.rowsOf<{ id: string }>(service, `SELECT id FROM ${table}`)) there.add(id)
  }
  const acknowledged = new Set(promised.lines.flatMap((line) => ('id' in line ? line.id : [])))
  const lost = [...acknowledged].filter((id) => !there.has(id))
  const { printed } = await runAudit(stack, promised)
  const listed = new Set(printed.flatMap((line) => /^lost-(?:order|deposit|user): \w+ (\S+)/.exec(line)?.[1] ?? []))
  const message = `${lost.length} of ${acknowledged.size} acknowledged are lost, and ${listed.size} are listed as lost`
  return { message, holds: lost.length > 0 && lost.length === listed.size && lost.every((id) => listed.has(id)) }
}
