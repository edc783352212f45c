import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { findStack } from '../find-stack.mjs'

/** ADMIN_KEY, or the key where the user-service on the port has left it. */
export async function readAdminKey({ root, userPort, environment }) {
  if (environment.ADMIN_KEY !== undefined) return environment.ADMIN_KEY
  try {
    const { exec } = await findStack(userPort)
    if (exec === undefined) return (await readFile(fileIn(root, environment), 'utf8')).trim()
    const [command, ...args] = [...exec, 'user-service', 'cat', '/data/admin-key']
    const { stdout } = await promisify(execFile)(command, args, { cwd: root, env: process.env, timeout: 60_000 })
    return stdout.trim()
  } catch (error) {
    throw new Error(`the admin key cannot be read: ${error.message}. ADMIN_KEY can give it.`, { cause: error })
  }
}

function fileIn(root, environment) {
  return resolve(root, environment.ADMIN_KEY_FILE ?? 'data/admin-key')
}
