import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { OperatorError } from '../failure'
import { lockFile } from '../database/file-lock'
import { assertMigratedBy, type Migration } from '../database/migrations'
import { SqliteConnection } from '../database/sqlite-connection'
import { resultCode } from '../database/unavailable'

const damaged = new Set([11, 26]) // SQLITE_CORRUPT, SQLITE_NOTADB

/** Writes a consistent snapshot, without deleted data, while the service runs; its writes are not blocked. */
export async function backUpDatabase(
  file: string,
  migrations: readonly Migration[],
  to: Writable = process.stdout,
): Promise<void> {
  if ('isTTY' in to && to.isTTY) throw new OperatorError('a back-up is binary: redirect it to a file')
  const copy = `${file}.back-up`
  const lock = lockFile(copy)
  try {
    rmSync(copy, { force: true }) // left by an interrupted run
    await copyDatabase(file, copy, migrations)
    await pipeline(createReadStream(copy), to, { end: false })
  } finally {
    rmSync(copy, { force: true })
    lock.close()
  }
}

async function copyDatabase(file: string, copy: string, migrations: readonly Migration[]): Promise<void> {
  const connection = new SqliteConnection(file, { readOnly: true })
  try {
    await assertMigratedBy(connection, migrations)
    closeSync(openSync(copy, 'wx', 0o600)) // it contains a signing key
    await connection.run('VACUUM INTO ?', copy)
  } finally {
    connection.close()
  }
}

/** Replaces the database, or changes nothing if a service has it open or the input is not a complete back-up of it. */
export async function restoreDatabase(
  file: string,
  migrations: readonly Migration[],
  from: Readable = process.stdin,
): Promise<void> {
  if ('isTTY' in from && from.isTTY) throw new OperatorError('redirect a back-up file to standard input')
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const lock = lockFile(file)
  const copy = `${file}.restored`
  try {
    remove(copy, ...logsOf(copy)) // left by an interrupted run
    await pipeline(from, createWriteStream(copy, { mode: 0o600, flush: true }))
    await mustBeWhole(copy, migrations)
    await emptyLog(file) // if we die before the rename, the old file is complete
    remove(...logsOf(file)) // SQLite would read them as part of the new file
    renameSync(copy, file)
    syncFolder(dirname(file))
  } finally {
    remove(copy, ...logsOf(copy))
    lock.close()
  }
}

async function mustBeWhole(file: string, migrations: readonly Migration[]): Promise<void> {
  let connection: SqliteConnection | undefined
  try {
    connection = new SqliteConnection(file)
    await assertMigratedBy(connection, migrations)
    const [fault] = await connection.all<{ quick_check: string }>('PRAGMA quick_check(1)')
    if (fault?.quick_check !== 'ok') throw new OperatorError(fault?.quick_check)
  } catch (cause) {
    throw new OperatorError(`not a valid back-up: ${(cause as Error).message}`, { cause })
  } finally {
    connection?.close()
  }
}

/** Moves the WAL into the database file. Throws if a reader prevents that. */
async function emptyLog(file: string): Promise<void> {
  if (!existsSync(file)) return
  let connection: SqliteConnection | undefined
  try {
    connection = new SqliteConnection(file)
    const [pages] = await connection.all<{ log: number; checkpointed: number }>('PRAGMA wal_checkpoint(PASSIVE)')
    if (pages?.checkpointed !== pages?.log)
      throw new OperatorError(`the database ${file} is being read: try again later`)
  } catch (error) {
    if (!damaged.has(resultCode(error) ?? 0)) throw error // a damaged database is what a restore is for
  } finally {
    connection?.close()
  }
}

function logsOf(file: string): string[] {
  return [`${file}-wal`, `${file}-shm`]
}

function remove(...files: string[]): void {
  for (const file of files) rmSync(file, { force: true })
}

/** Makes the rename survive a power failure. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r')
  fsyncSync(opened)
  closeSync(opened)
}
