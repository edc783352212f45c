/** Writes a back-up of this service's database to stdout; the service may be running. */
import { join } from 'node:path'
import { backUpDatabase } from '@tandem/chassis/operations/back-up'
import { databaseFile } from '@tandem/chassis/database/open'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { runCommand } from '@tandem/chassis/service/process'
import { readConfig } from './config'
import { migrations } from './database/migrations'

const root = join(__dirname, '../..')

void runCommand('order-service', () => {
  const { databaseUrl } = readConfig(loadEnvironment(root), root)
  return backUpDatabase(databaseFile(databaseUrl, root), migrations)
})
