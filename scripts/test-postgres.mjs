/**
 * Runs the tests that touch a database on PostgreSQL: on the server that TEST_DATABASE_URL names, where they make databases
 * of their own, or else in a container that is gone afterwards.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import process from 'node:process'
import { postgresServer } from './postgres-server.mjs'
import { readArguments, refuse } from './read-arguments.mjs'

const root = join(import.meta.dirname, '..')
const support = join(root, 'chassis/testing/postgres.ts')
const clock = join(root, 'chassis/testing/virtual-system.ts') // imports it, to wait for the queries of those that use it

const usage = `Usage: npm run test:postgres -- [--only FILES]

Runs the tests that touch a database on PostgreSQL: on the server that TEST_DATABASE_URL names, where they make databases
of their own, or else in a container, which needs Docker.

  --only FILES  only test files whose paths match this regular expression`

const name = 'test:postgres'
const { only = '' } = readArguments({ name, usage, options: { only: { type: 'string' } } }).values
const files = globSync('{chassis,user-service,order-service}/tests/**/*.test.ts', { cwd: root })
  .map((file) => file.replaceAll(sep, '/'))
  .filter((file) => new RegExp(only).test(file) && usesServer(join(root, file)))
if (files.length === 0) refuse(name, `no test that touches a database has ${only} in its path`)
const { url, remove } = await postgresServer(name)
try {
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', '--runTestsByPath', ...files], {
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

/** Whether the file imports the support for tests on the server, itself or by what it imports. */
function usesServer(file, seen = new Set([clock])) {
  if (file === support) return true
  if (seen.has(file)) return false
  seen.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)'/g)
  return [...imports].some(([, path]) => usesServer(`${join(dirname(file), path)}.ts`, seen))
}
