import { resolve } from 'node:path'
import { farewellMs, introductionMs, publishedKeysAt } from '../auth/key-rotation'
import { deleteSigningKey, insertSigningKey, listSigningKeys, lockSigningKeys } from '../auth/key-store'
import { newPrivateJwk } from '../auth/signing-key'
import type { Unit } from '../database/database'
import { isPostgres } from '../database/database-url'
import type { Migration } from '../database/migrations'
import { databaseFile, openDatabase } from '../database/open'
import { writeBeside } from '../database/write-beside'
import { realSystem, type System } from '../system'

interface Options {
  config: { databaseUrl: string; databasePasswordFile?: string | undefined; root: string }
  migrations: readonly Migration[]
}

/** Adds a signing key while the service runs, which reads its keys again and again; and deletes those that have served. */
export async function rotateKeys(options: Options, system: Pick<System, 'now'> = realSystem): Promise<void> {
  const jwk = await newPrivateJwk()
  const now = system.now()
  await write(options, async (tx) => {
    await lockSigningKeys(tx)
    const keys = await listSigningKeys(tx)
    const published = publishedKeysAt(keys, now)
    for (const key of keys) if (!published.includes(key)) await deleteSigningKey(tx, key.kid)
    await insertSigningKey(tx, system, jwk)
  })
  const signsFrom = now + introductionMs
  console.log(`key ${jwk.kid} is published now, and signs from ${at(signsFrom)} on`)
  console.log(`tokens of earlier keys are valid until ${at(signsFrom + farewellMs)} at most`)
}

async function write({ config, migrations }: Options, unit: Unit<void>): Promise<void> {
  const { databaseUrl: url, databasePasswordFile: passwordFile, root } = config
  if (!isPostgres(url)) return writeBeside(databaseFile(url, root), migrations, unit)
  const postgres = { applicationName: 'rotate-keys', passwordFile: passwordFile && resolve(root, passwordFile) }
  const database = await openDatabase({ url, root, migrations, system: realSystem, postgres, mustExist: true })
  await database.write(unit).finally(() => database.close())
}

function at(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
