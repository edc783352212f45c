/** Puts the back-up that comes by stdin in the place of this service's database; the service must not be running. */
import { join } from 'node:path'
import { restoreDatabase } from '@tandem/chassis/operations/back-up'
import { databaseFile } from '@tandem/chassis/database/open'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { runCommand } from '@tandem/chassis/service/process'
import { readConfig } from './config'
import { migrations } from './database/migrations'

const root = join(__dirname, '../..')

void runCommand('order-service', () => {
  const { databaseUrl } = readConfig(loadEnvironment(root), root)
  return restoreDatabase(databaseFile(databaseUrl, root), migrations)
})
