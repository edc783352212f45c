import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeStack, root } from '../harness/compose-stack'
import { eventually } from '../harness/eventually'

const port = 3120
const stack = composeStack({
  project: 'tandem-e2e-watch',
  ports: { 'user-service': port, 'order-service': 3121, gateway: 3122 },
})
const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))

afterAll(async () => {
  await stack.removeStack()
  rmSync(folder, { recursive: true })
})

test('docker compose watch rebuilds a service when its source changes, and keeps its data', async () => {
  const isBuilt =
    /^(\.dockerignore|\.npmrc|package(-lock)?\.json|tsconfig\.json|docker-compose\.yml|chassis|console|gateway|\w+-service)$/
  cpSync(root, folder, {
    recursive: true,
    filter: (path) => {
      const [top = ''] = path.slice(root.length + 1).split('/')
      return (top === '' || isBuilt.test(top)) && !/\/(node_modules|dist)$/.test(path)
    },
  })
  const watch = spawn('docker', ['compose', 'watch', 'user-service'], {
    cwd: folder,
    env: stack.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(watch, 'close')
  let printed = ''
  watch.stdout.on('data', (text: Buffer) => (printed += text.toString()))
  watch.stderr.on('data', (text: Buffer) => (printed += text.toString()))
  try {
    await eventually(300_000, 'the service responds', async () => (await readTitle()) !== undefined || undefined)
    const adminKey = await readAdminKey()
    const file = join(folder, 'chassis/src/openapi/docs-routes.ts')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('<title>${service}<', '<title>Changed ${service}<'))
    await eventually(
      120_000,
      'the service shows the change',
      async () => (await readTitle()) === 'Changed user-service' || undefined,
    )
    expect(await readAdminKey()).toBe(adminKey)
  } catch (error) {
    throw new Error(`${String(error)}\n${printed}`, { cause: error })
  } finally {
    watch.kill('SIGINT')
    await ended
  }
}, 600_000)

async function readTitle(): Promise<string | undefined> {
  const page = await fetch(`http://127.0.0.1:${port}/docs`).then(
    (response) => response.text(),
    () => '',
  )
  return /<title>(.*)<\/title>/.exec(page)?.[1]
}

async function readAdminKey(): Promise<string> {
  return stack.compose('exec', '-T', 'user-service', 'cat', '/data/admin-key')
}
