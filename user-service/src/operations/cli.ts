import { join } from 'node:path'
import { readRecords as readPrinted } from '@tandem/chassis/operations/read-records'
import { runOperation } from '@tandem/chassis/operations/run-operation'
import { printable } from '@tandem/chassis/printable'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { runCommand } from '@tandem/chassis/service/process'
import { readConfig } from '../config'
import { migrations } from '../database/migrations'
import { reconcileHolds } from './reconcile-holds'
import { readRecords } from './records-store'

const root = join(__dirname, '../../..')

void runCommand('user-service', () => {
  const config = readConfig(loadEnvironment(root), root)
  return runOperation(process.argv[2], { name: 'user-service', config, migrations, readRecords, reconcile })
})

async function reconcile(deps: Parameters<typeof reconcileHolds>[0]): Promise<void> {
  const count = { released: 0, held: 0, 'not-mended': 0 }
  for await (const hold of reconcileHolds(deps, readPrinted('order-service'))) {
    count[hold.outcome] += 1
    const what = printable(`${hold.amountCents} cents of user ${hold.userId} for order ${hold.orderId}`)
    console.log(hold.outcome === 'not-mended' ? `NOT held: ${what}: ${hold.why}` : `${hold.outcome}: ${what}`)
  }
  console.log(`holds: ${count.released} released, ${count.held} held again, ${count['not-mended']} not mended`)
  if (count['not-mended'] > 0) process.exitCode = 1
}
