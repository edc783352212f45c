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

/**
 * Writes out a database file as it is at one moment, beside the service that may have it open: it takes no lock that a
 * writer waits for. What was deleted is not in it. Throws a StartError where another back-up is under way, or where these
 * migrations have not made the database.
 */
export async function backUpDatabase(
  file: string,
  migrations: readonly Migration[],
  to: Writable = process.stdout,
): Promise<void> {
  if ('isTTY' in to && to.isTTY) throw new OperatorError('a back-up is no text for a terminal: send it to a file')
  const copy = `${file}.back-up`
  const lock = lockFile(copy)
  try {
    rmSync(copy, { force: true }) // of one that was cut short
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
    closeSync(openSync(copy, 'wx', 0o600)) // a signing key is in it
    await connection.run('VACUUM INTO ?', copy)
  } finally {
    connection.close()
  }
}

/**
 * Puts a back-up in the place of a database file, whole or not at all. Throws a StartError, and changes nothing, where a
 * service has the file open, or where what is read is not a whole back-up of a database that these migrations made.
 */
export async function restoreDatabase(
  file: string,
  migrations: readonly Migration[],
  from: Readable = process.stdin,
): Promise<void> {
  if ('isTTY' in from && from.isTTY) throw new OperatorError('a back-up is read from a file, not from a terminal')
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const lock = lockFile(file)
  const copy = `${file}.restored`
  try {
    remove(copy, ...logsOf(copy)) // of one that was cut short
    await pipeline(from, createWriteStream(copy, { mode: 0o600, flush: true }))
    await mustBeWhole(copy, migrations)
    await emptyLog(file) // should we die before the new file is in place, the old one lacks nothing
    remove(...logsOf(file)) // they would be read as part of what takes its place
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
    throw new OperatorError(`this is no back-up that can be restored: ${(cause as Error).message}`, { cause })
  } finally {
    connection?.close()
  }
}

/** Brings what is in the log of a database into its file. Throws a StartError where a reader keeps it from that. */
async function emptyLog(file: string): Promise<void> {
  if (!existsSync(file)) return
  let connection: SqliteConnection | undefined
  try {
    connection = new SqliteConnection(file)
    const [pages] = await connection.all<{ log: number; checkpointed: number }>('PRAGMA wal_checkpoint(PASSIVE)')
    if (pages?.checkpointed !== pages?.log)
      throw new OperatorError(`the database ${file} is being read: try again later`)
  } catch (error) {
    if (!damaged.has(resultCode(error) ?? 0)) throw error // a damaged one is why there are back-ups
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

/** So that the new name of a file in it outlives a power failure. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r')
  fsyncSync(opened)
  closeSync(opened)
}
