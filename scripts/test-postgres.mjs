/**
 * Runs the tests that touch a database on PostgreSQL: on the server that TEST_DATABASE_URL names, where they make databases
 * of their own, or else in a container that is gone afterwards.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { postgresServer } from './postgres-server.mjs'
import { readArguments } from './read-arguments.mjs'

const root = join(import.meta.dirname, '..')
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const packages = workspaces.filter((folder) => !folder.startsWith('examples/'))

const usage = `Usage: npm run test:postgres -- [--only FILES]

Runs the tests that touch a database on PostgreSQL: on the server that TEST_DATABASE_URL names, where they make databases
of their own, or else in a container, which needs Docker.

  --only FILES  only test files whose paths have this in them`

const { only } = readArguments({ name: 'test:postgres', usage, options: { only: { type: 'string' } } }).values
const { url, remove } = await postgresServer('test:postgres')
const files = only === undefined ? [] : ['--', only]
try {
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', '--selectProjects', ...packages, ...files], {
    cwd: root,
    env: { ...process.env, TEST_DATABASE_URL: url },
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal))
  const [code] = await once(jest, 'close')
  process.exitCode = code ?? 1
} finally {
  remove()
}
