import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../chassis/testing/temporary'

const root = join(__dirname, '../..')

/** Runs a command where `docker` knows no `compose`, as with the older docker-compose. */
function runWithoutCompose(...args: string[]) {
  const folder = temporaryFolder()
  const docker = '#!/bin/sh\n[ "$1" = info ] || { echo "docker: \'compose\' is not a docker command" >&2; exit 1; }\n'
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 })
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env: { PATH: folder }, encoding: 'utf8' })
  return { status, stderr }
}

test('npm run reconcile -- --compose prints one line and exits with 1 without Compose v2', () => {
  const why = "`docker compose config` failed: docker: 'compose' is not a docker command"
  expect(runWithoutCompose('scripts/reconcile.mjs', '--compose')).toEqual({
    status: 1,
    stderr: `reconcile: --compose needs Docker Compose v2; ${why}\n`,
  })
})

test('npm run rotate-keys -- --compose prints one line and exits with 1 without Compose v2', () => {
  expect(runWithoutCompose('scripts/rotate-keys.mjs', '--compose')).toEqual({
    status: 1,
    stderr: 'rotate-keys: --compose needs Docker Compose v2; `docker compose version` failed\n',
  })
})

test('npm run faults prints one line and exits with 1 without Compose v2', () => {
  const faults = ['-C', 'development', '-r', 'ts-node/register/transpile-only', 'reliability/faults/main.ts', 'kill']
  expect(runWithoutCompose(...faults)).toEqual({
    status: 1,
    stderr: 'faults: needs a running Docker engine with Compose v2; `docker compose version` failed\n',
  })
})

test('no text and no script says that the older docker-compose works', () => {
  const files = [
    'README.md',
    ...['docs', 'docs/decisions', 'scripts'].flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => /\.(md|[cm]?js)$/.test(name))
        .map((name) => join(folder, name)),
    ),
  ]
  const named = /docker-compose(?!\.[\w.]*yml)/ // and not one of the files that Compose reads
  expect(files.filter((file) => named.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})
