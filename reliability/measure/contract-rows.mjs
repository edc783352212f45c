/**
 * Lists every response in the OpenAPI documents with a test that covers it: `npm run contract-rows`. Fails if one
 * has no test. Responses of every route are listed once for each service.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { readArguments } from '../../scripts/read-arguments.mjs'

const usage = `Usage: npm run contract-rows

Lists each response that the OpenAPI documents promise, with a test that saw it. The exit code is 1 if no test saw one.`

readArguments({ name: 'contract-rows', usage })
const root = join(import.meta.dirname, '../..')
const ofAnyRoute = ['internal', 'unavailable', 'overloaded', 'too-large', 'unsupported-media-type', 'invalid-request']
const folder = mkdtempSync(join(tmpdir(), 'tandem-rows-'))

try {
  const rows = runTests(join(folder, 'rows.jsonl'))
  const promised = new Set(rows.filter(({ document }) => document).flatMap(promisedBy))
  const tests = new Map()
  for (const row of rows.filter(({ test }) => test)) {
    tests.set(key(row.service, row.operation, row.status, row.code), row.test)
  }
  for (const row of [...promised].sort())
    console.log(`${tests.has(row) ? 'seen   ' : 'MISSING'} ${row} — ${tests.get(row) ?? ''}`)
  const missing = [...promised].filter((row) => !tests.has(row))
  console.log(`${promised.size} responses are documented, ${missing.length} are covered by no test`)
  process.exitCode = missing.length > 0 ? 1 : 0
} catch (error) {
  console.error(`contract-rows: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function runTests(file) {
  const jest = join(root, 'node_modules/jest/bin/jest.js')
  const { status, stderr } = spawnSync(
    process.execPath,
    [jest, '--selectProjects', 'user-service', 'order-service', '--silent'],
    {
      cwd: root,
      env: { ...process.env, CONTRACT_ROWS: file },
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(`the tests fail:\n${stderr}`)
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function promisedBy({ service, document }) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses).flatMap(([status, answer]) =>
        codesOf(answer, document.components.schemas).map((code) =>
          key(service, `${method.toUpperCase()} ${path}`, status, code),
        ),
      ),
    ),
  )
}

/** The codes of the problems that an answer may be; an empty one where it is none. */
function codesOf({ content = {} }, schemas) {
  const schema = content['application/problem+json']?.schema
  if (!schema) return ['']
  const names = (schema.anyOf ?? [schema]).map(({ $ref }) => $ref.split('/').at(-1))
  return names.map((name) => schemas[name].allOf[1].properties.code.const)
}

function key(service, operation, status, code) {
  return `${service}  ${ofAnyRoute.includes(code) ? 'any route' : operation}  ${status} ${code}`.trimEnd()
}
