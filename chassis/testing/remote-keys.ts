import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { type Transport } from '@tandem/chassis/upstream/transport'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { silentLog, type Log } from '@tandem/chassis/log'
import { type System } from '@tandem/chassis/system'
import { ScriptedTransport } from './scripted-transport'
import { afterThisTest, eventually } from './temporary'
import { temporaryDatabase } from './temporary-database'
import { VirtualSystem } from './virtual-system'

export const path = '/.well-known/jwks.json'

export function keySet(transport: Transport, database: Database, system: System, log = silentLog): RemoteKeySet {
  const keys = new RemoteKeySet({ issuer: 'issuer', path, transport, database, system, log })
  afterThisTest(() => keys.stop())
  return keys
}

export async function scripted({ database, log }: { database?: Database; log?: Log } = {}) {
  const system = new VirtualSystem()
  const transport = new ScriptedTransport()
  const kept = database ?? (await temporaryDatabase(chassisMigrations))
  const keys = keySet(transport, kept, system, log)
  await keys.start()
  return { system, transport, keys, database: kept }
}

/** Until a fetch in the background is over: then the next one is due some time. Keys are imported on other threads. */
export const fetched = (system: VirtualSystem) => eventually(() => system.timers === 1)

/** `found`, `unknown` or the code of the failure. */
export async function look(keys: RemoteKeySet, kid: string): Promise<string> {
  try {
    return (await keys.find(kid)) === undefined ? 'unknown' : 'found'
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
}

export const keptSets = (database: Database) => database.read.all('SELECT issuer, jwks FROM trusted_key_sets')
