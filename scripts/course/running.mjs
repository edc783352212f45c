import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const ofCourse = '.git/course.lock'
/** What the services lock while they run, however they were started. */
const ofServices = ['data/user-service.db.lock', 'data/order-service.db.lock']

/** Whether somebody runs the copy. */
export function runs(folder) {
  return [ofCourse, ...ofServices].some((file) => isLocked(join(folder, file)))
}

/** Until it is closed, or this process is gone: also while the services are built, and lock nothing yet. */
export function keepLocked(folder) {
  return lock(join(folder, ofCourse))
}

function isLocked(file) {
  if (!existsSync(file)) return false
  try {
    lock(file).close()
    return false
  } catch (error) {
    if (error.errcode === 5) return true // SQLITE_BUSY
    throw error
  }
}

/** As chassis/src/database/file-lock.ts does it. */
function lock(file) {
  const database = new DatabaseSync(file)
  try {
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
