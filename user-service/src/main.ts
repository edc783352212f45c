import { join } from 'node:path'
import { loadEnvironment, packageVersion } from '@tandem/chassis/service/environment'
import { createLog } from '@tandem/chassis/log'
import { runProcess } from '@tandem/chassis/service/process'
import { realSystem } from '@tandem/chassis/system'
import { readConfig } from './config'
import { startUserService } from './start'

const folder = join(__dirname, '..')
const root = join(folder, '..')

void runProcess('user-service', () => {
  const config = readConfig(loadEnvironment(root), root)
  const log = createLog({ service: 'user-service', level: config.logLevel })
  return startUserService({ config, version: packageVersion(folder), system: realSystem, log })
})
