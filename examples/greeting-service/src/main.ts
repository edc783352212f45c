import { join } from 'node:path'
import { createLog } from '@tandem/chassis/log'
import { loadEnvironment, packageVersion } from '@tandem/chassis/service/environment'
import { runProcess } from '@tandem/chassis/service/process'
import { readConfig } from './config'
import { startGreetingService } from './start'

const folder = join(__dirname, '..')
const root = join(folder, '../..')

void runProcess('greeting-service', () => {
  const config = readConfig(loadEnvironment(root), root)
  const log = createLog({ service: 'greeting-service', level: config.logLevel })
  return startGreetingService({ config, version: packageVersion(folder), log })
})
