import { join } from 'node:path'
import { readRecords as readPrinted } from '@tandem/chassis/operations/read-records'
import { runOperation } from '@tandem/chassis/operations/run-operation'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { runCommand } from '@tandem/chassis/service/process'
import { readConfig } from '../config'
import { migrations } from '../database/migrations'
import { reconcileOrders } from './reconcile-orders'
import { readRecords } from './records-store'

const root = join(__dirname, '../../..')

void runCommand('order-service', () => {
  const config = readConfig(loadEnvironment(root), root)
  return runOperation(process.argv[2], { name: 'order-service', config, migrations, readRecords, reconcile })
})

async function reconcile(deps: Parameters<typeof reconcileOrders>[0]): Promise<void> {
  let cancelled = 0
  for await (const { id } of reconcileOrders(deps, readPrinted('user-service'))) {
    cancelled += 1
    console.log(`order ${id} will be cancelled: its credit was given back`)
  }
  console.log(`orders: ${cancelled} to be cancelled once order-service is started`)
}
