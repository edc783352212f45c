/** The part of `npm run reconcile` that is user-service's: it takes order-service's records by stdin. It must not be running. */
import { join } from 'node:path'
import { openDatabase } from '@tandem/chassis/database/open'
import { readRecords } from '@tandem/chassis/operations/read-records'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { printable } from '@tandem/chassis/printable'
import { runCommand } from '@tandem/chassis/service/process'
import { realSystem as system } from '@tandem/chassis/system'
import { readConfig } from './config'
import { reconcileHolds } from './operations/reconcile-holds'
import { migrations } from './database/migrations'

const root = join(__dirname, '../..')

void runCommand('user-service', async () => {
  const { databaseUrl: url } = readConfig(loadEnvironment(root), root)
  const database = await openDatabase({ url, root, migrations, system, mustExist: true })
  const count = { released: 0, held: 0, 'not-mended': 0 }
  for await (const hold of reconcileHolds({ database, system }, readRecords('order-service'))) {
    count[hold.outcome] += 1
    const what = printable(`${hold.amountCents} cents of user ${hold.userId} for order ${hold.orderId}`)
    console.log(hold.outcome === 'not-mended' ? `NOT held: ${what}: ${hold.why}` : `${hold.outcome}: ${what}`)
  }
  await database.close()
  console.log(`holds: ${count.released} released, ${count.held} held again, ${count['not-mended']} not mended`)
  if (count['not-mended'] > 0) process.exitCode = 1
})
