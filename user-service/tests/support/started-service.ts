import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import request from 'supertest'
import { afterThisTest, temporaryFolder } from '../../../chassis/testing/temporary'
import { databaseUrlIn } from '../../../chassis/testing/temporary-database'
import type { Log } from '@tandem/chassis/log'
import { startService } from '@tandem/chassis/service/start-service'
import { realSystem, type System } from '@tandem/chassis/system'
import { readConfig } from '../../src/config'
import { userService } from '../../src/service'
import { bearer } from './user-app'

interface Options {
  folder?: string
  environment?: Record<string, string>
  system?: System
}

/** user-service whole, on a free port on the database of `folder`; stopped after the test at the latest. */
export async function started({ folder = temporaryFolder(), environment = {}, system = realSystem }: Options = {}) {
  const lines: string[] = []
  const log: Log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const config = readConfig(
    {
      PORT: '0',
      DATABASE_URL: await databaseUrlIn(folder),
      ADMIN_KEY_FILE: join(folder, 'admin-key'),
      TRUSTED_SERVICES: 'order-service=http://127.0.0.1:9/jwks',
      SHUTDOWN_DELAY_MS: '0',
      SHUTDOWN_GRACE_MS: '0', // nothing is under way in most tests
      ...environment,
    },
    folder,
  )
  const service = await startService({ definition: userService(config), config, version: '0.0.0', system, log })
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= service.stop())
  afterThisTest(stop)
  const adminKey = readFileSync(config.adminKeyFile, 'utf8').trim()
  const url = `http://127.0.0.1:${service.port}`
  return { url, port: service.port, stop, folder, adminKey, adminKeyFile: config.adminKeyFile, lines }
}

export async function adminToken(url: string, adminKey: string): Promise<string> {
  const { body } = await request(url).post('/tokens').auth(adminKey, bearer).expect(200)
  return body.accessToken
}
