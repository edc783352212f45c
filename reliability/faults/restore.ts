import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeCommands, runInBash } from '../../e2e/support/back-up-commands'
import { root } from '../../e2e/support/compose-stack'
import { pause } from '../../e2e/support/eventually'
import { runAudit } from './audit-check'
import type { Check, Fault, FaultContext } from './fault'
import { Journal } from './load/journal'
import { settled } from './load/settled'
import { startShoppers } from './load/shoppers'
import { muchCredit } from './load/steady-orders'

const { backUpOrders, backUpUsers, restoreBoth } = composeCommands

/** Both are backed up under load, one after the other, and restored later, by the commands of the README. */
export const restore: Fault = {
  name: 'restore',
  stack: { variables: { ...muchCredit, RATE_LIMIT_PER_MINUTE: '0' } }, // so that no deposit that is lost is missed
  run: async (context) => {
    await context.stack.startStack()
    const ordersFirst = await round(context, [backUpOrders, backUpUsers])
    const usersFirst = await round(context, [backUpUsers, backUpOrders])
    return {
      done: `backed up under load and restored, order-service first (${ordersFirst.done}), then user-service first (${usersFirst.done})`,
      figures: [...ordersFirst.figures, ...usersFirst.figures],
      checks: [...ordersFirst.checks, ...usersFirst.checks],
    }
  },
}

/** Leaves in the journal what was acknowledged before the first of the back-ups began: nothing of that may be missing. */
async function round(context: FaultContext, backUps: readonly [string, string]) {
  const { stack, journal, orders = 2000, short, tell } = context
  const most = short ? Math.min(orders, 300) : orders
  const told = new Journal()
  let over = false
  const { sales, done } = await startShoppers(
    { ...context, journal: told },
    { shoppers: 20, thinkMs: 40, goOn: () => !over },
  )
  const until = async (share: number) => {
    while (sales.orders < share * most) await pause(10)
  }
  const folder = mkdtempSync(join(tmpdir(), 'tandem-faults-'))
  const run = (block: string) =>
    runInBash(block.replaceAll('backup', folder), { cwd: root, env: stack.environment })
  try {
    await until(0.5)
    for (const line of told.lines) journal.add(line)
    const before = { orders: sales.orders, millis: performance.now() }
    await run(`mkdir -p backup; ${backUps[0]}`)
    const between = sales.orders
    await until(between / most + 0.1)
    await run(`mkdir -p backup; ${backUps[1]}`)
    tell(`backed up in ${(performance.now() - before.millis).toFixed(0)} ms, ${sales.orders - before.orders} orders meanwhile`)
    await until(1)
    over = true
    await done

    const said = await run(restoreBoth)
    const reconciled = said.trim().split('\n').filter((line) => /^(orders|holds):/.test(line)).join(', ')
    tell(reconciled)
    await settled(stack, 60_000)
    const { printed } = await runAudit(stack, told)
    return {
      done: `${sales.orders} orders, ${sales.cancels} cancels, ${before.orders} and ${sales.orders} `,
      figures: [reconciled],
      checks: [await lossesAreListed(stack, told, printed)],
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
