import { join } from 'node:path'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { loadEnvironment, packageVersion } from '@tandem/chassis/service/environment'
import { createLog } from '@tandem/chassis/log'
import { runProcess } from '@tandem/chassis/service/process'
import { realSystem } from '@tandem/chassis/system'
import { readConfig } from './config'
import { startOrderService } from './start'

const folder = join(__dirname, '..')
const root = join(folder, '..')

void runProcess('order-service', () => {
  const config = readConfig(loadEnvironment(root), root)
  const log = createLog({ service: 'order-service', level: config.logLevel })
  return startOrderService({ config, version: packageVersion(folder), system: realSystem, log, connect: httpTransport })
})
