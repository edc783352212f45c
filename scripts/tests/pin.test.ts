import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterThisTest, temporaryFolder } from '../../chassis/testing/temporary'
import { run } from './support/command'

const pin = join(__dirname, '../pin.mjs')
const digestOf: Readonly<Record<string, string>> = {
  '/v2/library/node/manifests/24-slim': `sha256:${'a'.repeat(64)}`,
  '/v2/grafana/lgtm/manifests/0.1': `sha256:${'b'.repeat(64)}`,
  '/v2/team/app/manifests/1': `sha256:${'c'.repeat(64)}`,
}

/** As registries do, it wants a token, and gives one to anybody. */
async function fakeRegistry(): Promise<number> {
  const server = createServer((req, res) => {
    const { pathname, search } = new URL(req.url!, 'http://registry')
    const { port } = server.address() as AddressInfo
    if (pathname === '/token') {
      res.end(JSON.stringify({ token: `for${search}` }))
    } else if (req.headers.authorization !== 'Bearer for?service=fake&scope=pull') {
      const challenge = `Bearer realm="http://127.0.0.1:${port}/token",service="fake",scope="pull"`
      res.writeHead(401, { 'www-authenticate': challenge }).end()
    } else {
      const digest = req.headers.accept?.includes('image.index') ? digestOf[pathname] : undefined
      res.writeHead(digest === undefined ? 404 : 200, { 'docker-content-digest': digest ?? '' }).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => server.close())
  return (server.address() as AddressInfo).port
}

function git(folder: string, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
  return execFileSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' }).trim()
}

function repository(files: Record<string, string>): string {
  const folder = temporaryFolder()
  git(folder, 'init', '--quiet')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  git(folder, 'add', '.')
  return folder
}

async function pinIn(folder: string, ...args: string[]) {
  const command = run(folder, ['node', pin, ...args])
  return { code: await command.code, errors: command.errors() }
}

test('writes the digest of each image once, and again after the tag moved', async () => {
  const port = await fakeRegistry()
  const text = (node: string, lgtm: string, app: string) => ({
    'a/Dockerfile': `FROM node:24-slim${node} AS build\nFROM build AS more\nFROM scratch\nCOPY --from=build /a /a\n`,
    'docker-compose.x.yml': `services:\n  a:\n    image: grafana/lgtm:0.1${lgtm}\n    build: .\n`,
    'k8s/base/a.yaml': `- image: 127.0.0.1:${port}/team/app:1${app} # ours\n- image: tandem/a\n`,
  })
  const [node, lgtm, app] = Object.values(digestOf).map((digest) => `@${digest}`)
  const pinned = text(node!, lgtm!, app!)
  for (const before of [text('', '', ''), text(`@sha256:${'0'.repeat(64)}`, '', ''), pinned]) {
    const folder = repository(before)
    const ended = await pinIn(folder, '--only', 'images', '--registry', `http://127.0.0.1:${port}`)
    expect(ended).toEqual({ code: 0, errors: '' })
    for (const [name, expected] of Object.entries(pinned))
      expect(readFileSync(join(folder, name), 'utf8')).toBe(expected)
  }
})

test('writes the commit of each action, with its tag beside it, and follows the tag', async () => {
  const github = temporaryFolder()
  const action = join(github, 'acme/build')
  mkdirSync(action, { recursive: true })
  git(action, 'init', '--quiet')
  const commit = (tag: string, ...annotated: string[]) => {
    git(action, 'commit', '--quiet', '--allow-empty', '--message', tag)
    git(action, 'tag', '--force', ...annotated, tag)
    return git(action, 'rev-parse', 'HEAD')
  }
  const text = (one: string, two: string) => `steps:\n  - uses: acme/build@${one}\n    uses: acme/build/sub@${two}\n`
  const folder = repository({ '.github/workflows/ci.yml': text('v1', 'v2.0') })
  const [first, second] = [commit('v1'), commit('v2.0', '--annotate', '--message', 'two')]
  for (const expected of [
    () => text(`${first} # v1`, `${second} # v2.0`),
    () => text(`${commit('v1')} # v1`, `${second} # v2.0`),
  ]) {
    const after = expected()
    const ended = await pinIn(folder, '--only', 'actions', '--github', github)
    expect(ended).toEqual({ code: 0, errors: '' })
    expect(readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8')).toBe(after)
  }
})

test('writes nothing if something is not found', async () => {
  const port = await fakeRegistry()
  const before = 'FROM node:24-slim\nFROM node:25-slim\n'
  const folder = repository({ Dockerfile: before })
  const ended = await pinIn(folder, '--registry', `http://127.0.0.1:${port}`)
  expect(ended).toEqual({ code: 1, errors: 'pin: no digest of node:25-slim: the registry returned 404\n' })
  expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(before)
})

test('every action of the workflows is pinned by commit', () => {
  const root = join(__dirname, '../..')
  const lines = git(root, 'grep', '--no-index', '-h', 'uses:', '--', '.github').split('\n')
  expect(lines.length).toBeGreaterThan(5)
  expect(lines.filter((line) => !/uses: [\w/.-]+@[0-9a-f]{40} # v[\w.]+$/.test(line))).toEqual([])
})
