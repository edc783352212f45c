import { join } from 'node:path'
import { loadEnvironment, packageVersion } from '@tandem/chassis/service/environment'
import { createLog } from '@tandem/chassis/log'
import { RecentLines } from '@tandem/chassis/recent-lines'
import { runProcess } from '@tandem/chassis/service/process'
import { startService } from '@tandem/chassis/service/start-service'
import { realSystem } from '@tandem/chassis/system'
import { readConfig } from './config'
import { greetingService } from './service'

const folder = join(__dirname, '..')
const root = join(folder, '../..')

void runProcess('greeting-service', () => {
  const config = readConfig(loadEnvironment(root), root)
  const recentLines = config.hasChaos ? new RecentLines() : undefined
  const log = createLog({ service: 'greeting-service', level: config.logLevel, recentLines })
  const definition = greetingService(config)
  return startService({ definition, config, version: packageVersion(folder), system: realSystem, log, recentLines })
})
