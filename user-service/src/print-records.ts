import { join } from 'node:path'
import { databaseFile } from '@tandem/chassis/database/open'
import { printRecords } from '@tandem/chassis/operations/print-records'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { runCommand } from '@tandem/chassis/service/process'
import { readConfig } from './config'
import { readRecords } from './operations/records'

const root = join(__dirname, '../..')

void runCommand('user-service', () => {
  const { databaseUrl } = readConfig(loadEnvironment(root), root)
  return printRecords(databaseFile(databaseUrl, root), readRecords)
})
