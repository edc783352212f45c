import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Database } from '@tandem/chassis/database/database'
import { OperatorError } from '@tandem/chassis/failure'
import type { System } from '@tandem/chassis/system'
import { newApiKey, replaceApiKey } from './api-key-store'

/** Reads the admin key from the file, or creates both. Throws if the file holds no key. */
export async function loadAdminKey(file: string, database: Database, system: System): Promise<void> {
  const apiKey = readOrMake(file)
  if (!/^[A-Za-z0-9_-]{32,256}$/.test(apiKey)) {
    throw new OperatorError(`${file} holds no admin key: it must be 32 to 256 of A-Z a-z 0-9 _ -`)
  }
  await database.write((tx) => replaceApiKey(tx, system, 'admin', apiKey))
}

function readOrMake(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw cannotUse(file, error)
  }
  const apiKey = newApiKey()
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, `${apiKey}\n`, { mode: 0o600, flush: true })
    linkSync(`${file}.new`, file) // so that it is there whole or not at all
    rmSync(`${file}.new`)
  } catch (error) {
    throw cannotUse(file, error)
  }
  return apiKey
}

function cannotUse(file: string, cause: unknown): OperatorError {
  return new OperatorError(`the admin key file ${file} cannot be used: ${(cause as Error).message}`, { cause })
}
