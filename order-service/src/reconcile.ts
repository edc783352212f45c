/** The part of `npm run reconcile` that is order-service's: it takes user-service's records by stdin. It must not be running. */
import { join } from 'node:path'
import { openDatabase } from '@tandem/chassis/database/open'
import { readRecords } from '@tandem/chassis/operations/read-records'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { runCommand } from '@tandem/chassis/service/process'
import { realSystem as system } from '@tandem/chassis/system'
import { readConfig } from './config'
import { migrations } from './database/migrations'
import { reconcileOrders } from './operations/reconcile-orders'

const root = join(__dirname, '../..')

void runCommand('order-service', async () => {
  const { databaseUrl: url } = readConfig(loadEnvironment(root), root)
  const database = await openDatabase({ url, root, migrations, system, mustExist: true })
  let cancelled = 0
  for await (const { id } of reconcileOrders({ database, system }, readRecords('user-service'))) {
    cancelled += 1
    console.log(`order ${id} will be cancelled: its credit was given back`)
  }
  await database.close()
  console.log(`orders: ${cancelled} to be cancelled once order-service is started`)
})
