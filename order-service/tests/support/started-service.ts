import { silentLog } from '@tandem/chassis/log'
import { startService } from '@tandem/chassis/service/start-service'
import { realSystem } from '@tandem/chassis/system'
import { afterThisTest } from '../../../chassis/testing/temporary'
import { databaseUrlIn } from '../../../chassis/testing/temporary-database'
import { readConfig } from '../../src/config'
import { orderService } from '../../src/service'
import { keyboard } from './order-app'

/** order-service as it is started, on the database of the folder. */
export async function start(folder: string, environment: Record<string, string> = {}, log = silentLog) {
  const config = readConfig({ PORT: '0', DATABASE_URL: await databaseUrlIn(folder), ...environment }, '/')
  const service = await startService({
    definition: orderService(config),
    config,
    version: '1.2.3',
    system: realSystem,
    log,
  })
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= service.stop())
  afterThisTest(stop)
  return { url: `http://127.0.0.1:${service.port}`, stop }
}

/** For what is so on SQLite only, which has one process: that it is alone, and that at its start all orders are due. */
export const onSqlite = (folder: string) => ({ DATABASE_URL: `sqlite:${folder}/orders.db` })

export async function order(url: string, token: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify(keyboard) })
}
