import { startBrowser } from '../harness/browser'
import { root, type Container } from '../harness/compose-project'
import { serviceNames } from '../harness/compose-stack'
import { countsOf, unlock } from '../harness/console-story'
import { commandsOf, type Command } from '../harness/commands'
import { eventually } from '../harness/eventually'
import { listeningAt } from '../harness/listening'
import { runInBash } from '../harness/run-in-bash'
import { scaleStack } from '../harness/scale-stack'
import { expectShown } from './support/expect-shown'
import { runCommands } from './support/run-commands'
import { scaleShop } from './support/scale-shop'
import { walkThroughGateway } from './support/walk-through-gateway'
import { withUpstream } from './support/with-upstream'

const project = 'tandem-scale-e2e'
const gatewayPort = 3160
const stack = scaleStack({ project, gatewayPort })
const { ask, compose, docker, inspectAll, requestsOf, rowsOf } = stack
const { expectAnswer, signUp, confirmed } = scaleShop(stack)

const listening: Readonly<Record<string, string[]>> = {
  gateway: ['*:8080'],
  'user-service': ['*:3000'],
  'order-service': ['*:3001'],
  postgres: ['*:5432'],
  rabbitmq: ['*:5672', '127.0.0.1:25672', '127.0.0.1:4369'],
}

const nameOf = ({ Config }: Container) => Config.Labels['com.docker.compose.service']!

// As operating.md has them. It exports COMPOSE_FILE; here that is set.
const [start, printAdminKey, addReplicas, audit, stop, startAgain, removeAll] = commandsOf(
  'docs/operating.md',
  'several-replicas',
)
const run = (command: Command | undefined) => runInBash(command!.script, { cwd: root, env: stack.environment })

beforeAll(() => run(start), 300_000)

afterAll(stack.removeStack)

test('the commands of the walk-through print what it shows, with three replicas of each service', async () => {
  await runCommands(walkThroughGateway(), { cwd: root, env: stack.environment })
})

test('each of the three replicas of a service serves requests', async () => {
  await eventually(10_000, 'each replica has had sign-ups and orders', async () => {
    const users = await Promise.all(Array.from({ length: 10 }, signUp))
    await Promise.all(users.map(confirmed))
    const counts = [
      await requestsOf('user-service', 'POST', '/users'),
      await requestsOf('order-service', 'POST', '/orders'),
    ]
    expect(counts.map(({ length }) => length)).toEqual([3, 3])
    return counts.flat().every((count) => count > 0) || undefined
  })
})

test('the console shows PostgreSQL, RabbitMQ and each of the three replicas of a service', async () => {
  const browser = await startBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${gatewayPort}`)
    await unlock(page, await stack.adminKey())
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.getByRole('button', { name: 'Order for' }).click()
    for (const name of serviceNames) await page.locator(`tr[data-replica-of=${name}]`).nth(2).waitFor()
    await page.locator('[data-box=RabbitMQ][data-state=up]').waitFor()
    expect(await page.getByText('PostgreSQL').count()).toBe(2)
    await page.locator('[data-promise=credit][data-state=holds]').waitFor()
    expect(await countsOf(page)).toMatchObject({ acknowledged: 1, lost: 0, doubled: 0 })
  } finally {
    await browser.close()
  }
})

test('replicas that are added while it runs serve requests within 10 s, and no request fails', async () => {
  const over = new AbortController()
  const statuses = new Set<number>()
  const reading = (async () => {
    while (!over.signal.aborted) statuses.add((await ask('order-service', { path: '/products' })).status)
  })()
  try {
    await run(addReplicas)
    await eventually(10_000, 'each of five replicas serves requests', async () => {
      const counts = await requestsOf('order-service', 'GET', '/products')
      return (counts.length === 5 && counts.every((count) => count > 0)) || undefined
    })
  } finally {
    over.abort()
    await reading
  }
  expect([...statuses]).toEqual([200])
  await compose('up', '--detach', '--wait', '--no-recreate', 'order-service')
})

test('many callers at once get responses while one more replica refuses connections', async () => {
  await withUpstream(stack, 'order-service', 'setInterval(() => undefined, 1000)', async () => {
    const statuses = new Set<number>()
    const end = performance.now() + 5_000 // the gateway looks the name up each second
    const call = async () => {
      while (performance.now() < end) statuses.add((await ask('order-service', { path: '/orders' })).status)
    }
    await Promise.all(Array.from({ length: 32 }, call))
    expect([...statuses]).toEqual([401])
  })
})

test.each([
  ['user-service', 'users', 'orders'],
  ['order-service', 'orders', 'users'],
])('%s can open its own database, and neither the other nor that of the administrator', async (service, own, other) => {
  const script = `
    const { Client } = require('pg')
    const password = require('node:fs').readFileSync(process.env.DATABASE_PASSWORD_FILE, 'utf8').trim()
    const open = async (database) => {
      const client = new Client({ host: 'postgres', user: '${own}', password, database })
      await client.connect()
      await client.end()
      return 'opened'
    }
    Promise.all(process.argv.slice(1).map((name) => open(name).catch(({ code }) => code))).then((outcomes) =>
      console.log(outcomes.join()))`
  const databases = [own, other, 'postgres', 'template1']
  const outcomes = await compose('exec', '-T', service, 'node', '-e', script, ...databases)
  expect(outcomes.trim()).toBe('opened,42501,42501,42501') // insufficient_privilege
})

test('the secrets are in no setting, image or log, and PostgreSQL logs no values of rows', async () => {
  const verbosity = "SELECT setting FROM pg_settings WHERE name = 'log_error_verbosity'"
  expect(await rowsOf('user-service', verbosity)).toEqual([{ setting: 'terse' }])
  const read = ['run', '--rm', '--no-deps', '-T', '--entrypoint', 'sh', 'secrets', '-c', 'cat /secrets/kept/*']
  const secrets = (await compose(...read)).trim().split('\n')
  expect(secrets).toHaveLength(6)
  expect(new Set(secrets).size).toBe(6)
  expect(secrets).toContain((await run(printAdminKey)).trim())
  const containers = await inspectAll()
  const images = [...new Set(containers.map(({ Image }) => Image))]
  const texts = await Promise.all([
    docker('inspect', ...containers.map(({ Id }) => Id), ...images),
    ...images.map((image) => docker('history', '--no-trunc', image)),
    compose('logs'),
    compose('config'),
  ])
  for (const secret of secrets) {
    expect(secret).toMatch(/^[\w-]{43}$/)
    for (const text of texts) expect(text.includes(secret)).toBe(false)
  }
})

test('every container has a read-only root, no capabilities, no way to new privileges, and limits', async () => {
  const containers = await inspectAll()
  expect(containers).toHaveLength(10)
  for (const container of containers) {
    const name = nameOf(container)
    expect({ name, ...container.HostConfig }).toMatchObject({
      name,
      ReadonlyRootfs: true,
      Privileged: false,
      CapAdd: null,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      IpcMode: name === 'postgres' ? 'private' : 'none',
      RestartPolicy: { Name: name === 'secrets' ? 'no' : 'unless-stopped' },
    })
    expect(container.HostConfig.Memory).toBeLessThanOrEqual(512 * 2 ** 20)
    expect(container.HostConfig.Memory).toBeGreaterThan(0)
    expect(container.HostConfig.PidsLimit).toBeGreaterThan(0)
  }
})

test('no process of a container is root or has a capability, once the secrets are made', async () => {
  for (const container of (await inspectAll()).filter((it) => nameOf(it) !== 'secrets')) {
    const status = await docker('exec', container.Id, 'cat', '/proc/1/status')
    expect(status).toMatch(/^Uid:\t[1-9]/m)
    for (const field of ['CapEff', 'CapPrm', 'CapBnd']) expect(status).toMatch(new RegExp(`^${field}:\\s0{16}$`, 'm'))
    expect(status).toMatch(/^NoNewPrivs:\s1$/m)
  }
})

test('each container listens where it is meant to, and can run nothing from /tmp', async () => {
  for (const container of (await inspectAll()).filter((it) => nameOf(it) !== 'secrets')) {
    const read = (...files: string[]) => docker('exec', container.Id, 'cat', ...files)
    expect(listeningAt(await read('/proc/net/tcp', '/proc/net/tcp6'))).toEqual(listening[nameOf(container)])
    expect(await read('/proc/mounts')).toMatch(/^\S+ \/tmp tmpfs rw,nosuid,nodev,noexec,/m)
  }
})

test('only the gateway has a port on this machine, and it is in no network with PostgreSQL and RabbitMQ', async () => {
  for (const container of (await inspectAll()).filter((it) => nameOf(it) !== 'secrets')) {
    const name = nameOf(container)
    const published = Object.values(container.NetworkSettings.Ports).flatMap((port) => port ?? [])
    const networks = Object.keys(container.NetworkSettings.Networks).map((it) => it.replace(`${project}_`, ''))
    expect({ name, published, networks: networks.sort() }).toEqual({
      name,
      published: name === 'gateway' ? [{ HostIp: '127.0.0.1', HostPort: '3160' }] : [],
      networks: { gateway: ['tandem'], postgres: ['data'], rabbitmq: ['data'] }[name] ?? ['data', 'tandem'],
    })
  }
})

test('the audit finds nothing', async () => {
  await confirmed(await signUp())
  expectShown(await run(audit), audit!)
})

test('docker compose stop ends each container with exit code 0, and data and secrets are there after down and up', async () => {
  const user = await signUp()
  const order = await confirmed(user)
  const adminKey = await stack.adminKey()

  await run(stop)
  for (const container of await inspectAll()) {
    const { Running, ExitCode } = container.State
    expect({ name: nameOf(container), Running, ExitCode }).toMatchObject({ Running: false, ExitCode: 0 })
  }
  await compose('down')
  await run(startAgain)

  const { id, token } = user
  const found = await expectAnswer(200, 'order-service', { path: `/orders/${order.id}`, token })
  // The name of the user is a copy, which can come after the order.
  expect({ ...found.body, user: null }).toEqual({ ...order, user: null })
  const { body } = await expectAnswer(200, 'user-service', { path: `/users/${id}`, token })
  expect(body.creditCents).toBe(100_000 - 4999)
  expect(await stack.adminKey()).toBe(adminKey)
  await expectAnswer(200, 'user-service', { method: 'POST', path: '/tokens', token: adminKey })
})

test('down --volumes leaves no data and no secret', async () => {
  await run(removeAll)
  for (const what of ['container', 'volume', 'network']) {
    const all = what === 'container' ? ['--all'] : []
    const ours = `label=com.docker.compose.project=${project}`
    expect(await docker(what, 'ls', '--quiet', ...all, '--filter', ours)).toBe('')
  }
})
