import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyRepository, npmPorts, NpmStart } from '../harness/npm-start'
import { ports, root, startStack } from '../harness/stack'
import { atPorts, runInBash, walkThrough, withoutDocker } from './support/walk-through'

test('the walk-through prints what it says, against Compose', async () => {
  await startStack()
  await walk(atPorts(ports, walkThrough))
})

test('the walk-through prints what it says, against npm start', async () => {
  const repository = copyRepository()
  const npm = new NpmStart(repository.folder)
  try {
    await npm.prints('ready: ')
    const blocks = withoutDocker(walkThrough)
    expect(blocks.join('')).not.toContain('docker')
    await walk(atPorts(npmPorts, blocks))
  } finally {
    await npm.interrupt()
    repository.remove()
  }
})

test('every file that the README names is there', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const named = [
    ...readme.matchAll(/`((?:chassis|user-service|order-service|e2e|scripts)\/[\w./-]+\.ts)`|\]\(([^)#]+)\)/g),
  ].map(([, code, link]) => code ?? link!)
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

test('the table of variables names those that the services read, with their defaults', () => {
  const text = (file: string) => readFileSync(join(root, file), 'utf8')
  const documented = [...text('README.md').matchAll(/^\| `([A-Z_]+)` \| `?(.*?)`? \|/gm)]
  const sources = ['chassis', 'user-service', 'order-service'].map((folder) => text(`${folder}/src/config.ts`)).join('')
  const read = [...sources.matchAll(/^ +([A-Z][A-Z_]+):/gm)].map(([, name]) => name)
  const ofScripts = ['USER_SERVICE_PORT', 'ORDER_SERVICE_PORT']
  expect(documented.map(([, name]) => name).sort()).toEqual([...read, ...ofScripts].sort())

  const examples = new Map(
    [...text('.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  )
  expect([...examples.keys()].sort()).toEqual(documented.map(([, name]) => name).sort())
  for (const [, name, value] of documented) {
    // Of the others, the table says how the default is found.
    if (/^[\w.]+$/.test(value!)) expect({ name, value }).toEqual({ name, value: examples.get(name) })
  }
})

test('every decision is in the list of decisions', () => {
  const folder = join(root, 'docs/decisions')
  const files = readdirSync(folder).filter((name) => name !== 'README.md')
  const listed = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, file]) => file)
  expect(listed).toEqual(files.sort())
})

async function walk(blocks: string[]): Promise<void> {
  const { printed, complaints } = await runInBash(blocks)
  expect(complaints).not.toMatch(/curl:|bash:/)
  const [names, signUp, token, order, timeline, cancel, stop, again, retried, start, settled, history, ...rest] =
    printed
  expect(rest).toEqual([])
  expect([names, stop, start]).toEqual(['', '', '']) // Compose tells what it does on stderr

  expect(JSON.parse(signUp!)).toMatchObject({ name: 'Ada', creditCents: 100_000, apiKey: expect.any(String) })
  expect(JSON.parse(token!)).toMatchObject({ name: 'Ada', creditCents: 100_000 })
  expect(JSON.parse(order!)).toMatchObject({ status: 'confirmed', totalCents: 9998, reason: null })
  expect(JSON.parse(timeline!)).toMatchObject([{ status: 'pending' }, { status: 'confirmed' }])
  const [cancelled, credit] = cancel!.trim().split('\n')
  expect(JSON.parse(cancelled!)).toMatchObject({ status: 'cancelled', reason: 'requested' })
  expect(JSON.parse(credit!)).toMatchObject({ creditCents: 100_000 })

  const first = parseAnswer(again!)
  expect(first.head).toMatch(/^HTTP\/1\.1 202 /)
  expect(first.body).toMatchObject({ status: 'pending', totalCents: 4999 })
  const second = parseAnswer(retried!)
  expect(second.head).toMatch(/^HTTP\/1\.1 202 /)
  expect(second.head).toMatch(/^Idempotent-Replayed: true$/m)
  expect(second.body.id).toBe(first.body.id)

  expect(settled).toBe('"status":"confirmed"\n')
  const steps: { status: string; detail: string }[] = JSON.parse(history!)
  expect(steps[0]).toMatchObject({ status: 'pending', detail: 'stored' })
  expect(steps.slice(1, -1).length).toBeGreaterThan(0) // attempts that failed
  expect(steps.at(-1)).toMatchObject({ status: 'confirmed' })
}

function parseAnswer(printed: string): { head: string; body: { id: string } } {
  const [head = '', body = ''] = printed.replaceAll('\r', '').split('\n\n')
  return { head, body: JSON.parse(body) }
}
