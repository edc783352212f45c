import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  compose,
  docker,
  environment,
  inContainer,
  inspect,
  ports,
  project,
  root,
  serviceNames,
} from '../harness/stack'

const ours = `label=com.docker.compose.project=${project}`

async function lines(...args: string[]): Promise<string[]> {
  return (await docker(...args)).split('\n').filter(Boolean).sort()
}

describe('docker compose up --build --wait, with nothing there', () => {
  beforeAll(async () => {
    await compose('down', '--volumes')
    await compose('up', '--build', '--wait')
  })

  test('starts the gateway, two services, two volumes and one network, and nothing else', async () => {
    expect(await lines('ps', '--filter', ours, '--format', '{{.Names}}')).toEqual([
      `${project}-gateway-1`,
      `${project}-order-service-1`,
      `${project}-user-service-1`,
    ])
    expect(await lines('volume', 'ls', '-q', '--filter', ours)).toEqual([
      `${project}_order-data`,
      `${project}_user-data`,
    ])
    expect(await lines('network', 'ls', '-q', '--filter', ours)).toHaveLength(1)
  })

  test.each(serviceNames)('%s is healthy, runs node as uid 1000, and is published on 127.0.0.1 alone', async (name) => {
    const { State, Config, HostConfig, NetworkSettings } = await inspect(name)
    expect(State.Health.Status).toBe('healthy')
    expect([Config.Cmd[0], Config.Cmd.at(-1)]).toEqual(['node', `${name}/dist/main.js`])
    expect(HostConfig.RestartPolicy.Name).toBe('unless-stopped')
    expect(Object.values(NetworkSettings.Ports).flat()).toEqual([
      { HostIp: '127.0.0.1', HostPort: String(ports[name]) },
    ])
    expect(await inContainer(name, 'console.log(process.getuid())')).toBe(1000)
  })

  test('the gateway is healthy, runs Caddy as uid 1000, and is published on 127.0.0.1 alone', async () => {
    const { State, Config, HostConfig, NetworkSettings } = await inspect('gateway')
    expect(State.Health.Status).toBe('healthy')
    expect(Config).toMatchObject({ User: '1000:1000', Cmd: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile'] })
    expect(HostConfig.RestartPolicy.Name).toBe('unless-stopped')
    expect(Object.values(NetworkSettings.Ports).flat().filter(Boolean)).toEqual([
      { HostIp: '127.0.0.1', HostPort: String(ports.gateway) },
    ])
  })

  test.each(serviceNames)('the image of %s holds its own production dependencies, and nothing else', async (name) => {
    const found = await inContainer(
      name,
      `const { readdirSync } = require('node:fs')
       const installed = require('/app/node_modules/.package-lock.json').packages
       console.log(JSON.stringify({ folders: readdirSync('/app').sort(), installed: Object.keys(installed).sort() }))`,
    )
    expect(found).toEqual({
      folders: ['chassis', 'node_modules', name].sort(),
      installed: productionPackages(name),
    })
  })
})

test('docker compose works in a folder that is not named in ASCII', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  try {
    const folder = join(parent, '微服务')
    mkdirSync(folder)
    copyFileSync(join(root, 'docker-compose.yml'), join(folder, 'docker-compose.yml'))
    const { COMPOSE_PROJECT_NAME: _ours, ...env } = environment
    const config = execFileSync('docker', ['compose', 'config', '--format', 'json'], { cwd: folder, env })
    expect(JSON.parse(config.toString())).toMatchObject({ name: 'tandem' })
  } finally {
    rmSync(parent, { recursive: true })
  }
})

test('.env.example, copied to an env file, changes nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-e2e-'))
  try {
    const config = await compose('config')
    expect(await compose('--env-file', '.env.example', 'config')).toBe(config)

    const changed = join(folder, 'changed.env')
    writeFileSync(changed, 'SIGNUP_CREDIT_CENTS=1\n')
    expect(await compose('--env-file', changed, 'config')).not.toBe(config) // so an env file would be seen
  } finally {
    await rm(folder, { recursive: true })
  }
})

interface Locked {
  packages: Record<string, Partial<Record<'dependencies' | 'optionalDependencies', Record<string, string>>>>
}

/** What the lockfile says that a service needs to run: itself, and what its dependencies lead to. */
function productionPackages(service: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Locked
  const needed = new Set<string>()
  const visit = (path: string) => {
    if (needed.has(path)) return
    needed.add(path)
    const { dependencies, optionalDependencies } = packages[path] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) visit(whereFound(name, path))
  }
  const whereFound = (name: string, from: string): string => {
    const nested = `${from}/node_modules/${name}`
    if (nested in packages) return nested
    const parent = /^(.+)\/node_modules\//.exec(from)?.[1]
    return parent === undefined ? `node_modules/${name}` : whereFound(name, parent)
  }
  for (const workspace of [service, 'chassis']) {
    visit(workspace)
    needed.add(`node_modules/@tandem/${workspace}`) // npm links each workspace
  }
  return [...needed].sort()
}
