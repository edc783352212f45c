import { join } from 'node:path'
import { databaseFile } from '@tandem/chassis/database/open'
import { printRecords } from '@tandem/chassis/database/print-records'
import { loadEnvironment } from '@tandem/chassis/environment'
import { runCommand } from '@tandem/chassis/process'
import { readConfig } from './config'
import { readRecords } from './records'

const root = join(__dirname, '../..')

void runCommand('order-service', () => {
  const { databaseUrl } = readConfig(loadEnvironment(root), root)
  return printRecords(databaseFile(databaseUrl, root), readRecords)
})
