import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Container } from '../harness/compose-project'
import { listeningAt } from '../harness/listening'
import { compose, docker, inContainer, inspect, ports, serviceNames, startStack } from '../harness/stack'

const hardened = {
  ReadonlyRootfs: true,
  Privileged: false,
  CapAdd: null,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  Memory: 256 * 2 ** 20,
  NanoCpus: 1e9,
  PidsLimit: 100,
  LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  Tmpfs: { '/tmp': 'size=16m' },
  IpcMode: 'none',
  PidMode: '',
  UTSMode: '',
  NetworkMode: 'tandem-e2e_tandem',
}

const containers = [...serviceNames, 'gateway'] as const
const portIn = { 'user-service': 3000, 'order-service': 3001, gateway: 8080 }
const variables = {
  'user-service': ['ADMIN_KEY_FILE=/data/admin-key', 'DATABASE_URL=sqlite:/data/user-service.db', 'PORT=3000'],
  'order-service': ['DATABASE_URL=sqlite:/data/order-service.db', 'PORT=3001'],
}

describe('docker compose up', () => {
  beforeAll(startStack)

  test.each(serviceNames)(
    '%s has a read-only root, no capabilities, no way to new privileges, and limits',
    async (name) => {
      const { Config, HostConfig } = await inspect(name)
      expect(HostConfig).toMatchObject(hardened)
      expect(Config).toMatchObject({
        User: '1000:1000',
        Cmd: [
          'node',
          '--disable-sigusr1',
          '--max-semi-space-size=4',
          '--max-old-space-size=64',
          `${name}/dist/main.js`,
        ],
        StopTimeout: 15,
      })
      const status = await inContainer(
        name,
        `const status = require('node:fs').readFileSync('/proc/1/status', 'utf8')
       console.log(JSON.stringify(Object.fromEntries([...status.matchAll(/^(\\w+):\\s+(.*)$/gm)].map((it) => it.slice(1)))))`,
      )
      const none = '0'.repeat(16)
      expect(status).toMatchObject({ CapEff: none, CapPrm: none, CapBnd: none, NoNewPrivs: '1' })
    },
  )

  test('the gateway has a read-only root, no capabilities, no way to new privileges, and limits', async () => {
    const { Config, HostConfig } = await inspect('gateway')
    expect(HostConfig).toMatchObject(hardened)
    expect(Config).toMatchObject({ User: '1000:1000', StopTimeout: 15 })
    const status = await compose('exec', '-T', 'gateway', 'cat', '/proc/1/status')
    for (const field of ['CapEff', 'CapPrm', 'CapBnd']) expect(status).toMatch(new RegExp(`^${field}:\\s0{16}$`, 'm'))
    expect(status).toMatch(/^NoNewPrivs:\s1$/m)
  })

  test.each(serviceNames)('%s can write to /data and to /tmp, and nowhere else', async (name) => {
    const written = await inContainer(
      name,
      `const { readFileSync, rmSync, writeFileSync } = require('node:fs')
       const mounted = readFileSync('/proc/mounts', 'utf8').trim().split('\\n').map((line) => line.split(' ')[1])
       const outcomes = [...mounted, '/app', '/dev/shm', '/home/node', '/root', '/run', '/lib'].map((folder) => {
         try {
           writeFileSync(folder + '/written', 'x')
           rmSync(folder + '/written')
           return [folder, 'written']
         } catch ({ code }) {
           return [folder, code]
         }
       })
       console.log(JSON.stringify(Object.fromEntries(outcomes)))`,
    )
    expect(written).toMatchObject({ '/': 'EROFS', '/app': 'EROFS', '/lib': 'EROFS' })
    const folders = Object.entries(written as Record<string, string>).filter(([, outcome]) => outcome === 'written')
    expect(folders.map(([folder]) => folder).sort()).toEqual(['/data', '/tmp'])
  })

  test.each(containers)('%s listens at its port alone, which is published to this machine alone', async (name) => {
    // A signal by which Node listens for a debugger, unless it is told not to.
    await compose('kill', '--signal', 'SIGUSR1', ...serviceNames)
    expect(listeningAt(await compose('exec', '-T', name, 'cat', '/proc/net/tcp', '/proc/net/tcp6'))).toEqual([
      `*:${portIn[name]}`,
    ])
    const published = Object.values((await inspect(name)).NetworkSettings.Ports).flatMap((port) => port ?? [])
    expect(published).toEqual([{ HostIp: '127.0.0.1', HostPort: String(ports[name]) }])
  })

  test.each(containers)('%s can run nothing from /tmp', async (name) => {
    const mounts = await compose('exec', '-T', name, 'cat', '/proc/mounts')
    expect(mounts).toMatch(/^\S+ \/tmp tmpfs rw,nosuid,nodev,noexec,/m)
  })

  test.each(containers)(
    'the image of %s has a health check, and nothing secret in it or in how it was made',
    async (name) => {
      const { Image } = await inspect(name)
      const [image] = JSON.parse(await docker('image', 'inspect', Image)) as [{ Config: Container['Config'] }]
      expect(image.Config.Healthcheck?.Test[0]).toBe('CMD')
      const history = await docker('history', '--no-trunc', '--format', '{{.CreatedBy}}', Image)
      expect(history).toContain('HEALTHCHECK')
      const said = `${history}\n${image.Config.Env.join('\n')}`
      expect(
        said.match(
          /(?:password|passwd|secret|token|credential|[a-z]key)\w*[=:](?!\/data\/)|PRIVATE KEY|:\/\/[^/\s]*:[^/\s]*@/gi,
        ),
      ).toBeNull()
    },
  )

  test.each(serviceNames)('%s has no program but node and cat, and no file that is setuid', async (name) => {
    const { Image } = await inspect(name)
    const [{ Config }] = JSON.parse(await docker('image', 'inspect', Image)) as [{ Config: Container['Config'] }]
    const common = ['container=oci', 'HOST=0.0.0.0']
    expect(Config.Env.filter((it) => !it.startsWith('PATH=')).sort()).toEqual([...variables[name], ...common].sort())
    const { programs, privileged } = (await inContainer(name, walk)) as Record<string, string[]>
    expect(programs).toEqual(['/usr/bin/cat', '/usr/local/bin/node'])
    expect(privileged).toEqual([])
  })

  test('the gateway has no package manager, and no file that is setuid', async () => {
    const { Image } = await inspect('gateway')
    const find = (...what: string[]) =>
      docker('run', '--rm', '--user', '0', '--entrypoint', 'find', Image, '/', '-xdev', ...what)
    expect(await find('-type', 'f', '-perm', '/6000')).toBe('')
    const managers = ['apk', 'apt', 'apt-get', 'dpkg', 'npm', 'npx', 'corepack', 'yarn']
    const named = managers.flatMap((it, i) => [...(i === 0 ? [] : ['-o']), '-name', it])
    expect(await find('-path', '*bin/*', '(', ...named, ')')).toBe('')
  })
})

/** All files outside of /app and the libraries that may be executed, and all that are setuid or setgid. */
const walk = `
  const { readdirSync, lstatSync } = require('node:fs')
  const files = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((it) => {
      const path = (folder === '/' ? '' : folder) + '/' + it.name
      if (['/proc', '/sys', '/dev', '/etc', '/data', '/tmp'].includes(path)) return []
      return it.isDirectory() ? files(path) : [{ path, mode: lstatSync(path).mode }]
    })
  const all = files('/')
  const isLibrary = (path) => /^\\/(usr\\/)?lib/.test(path)
  const programs = all.filter(({ path, mode }) => mode & 0o111 && !isLibrary(path) && !path.startsWith('/app/'))
  const privileged = all.filter(({ mode }) => mode & 0o6000)
  const paths = (found) => found.map(({ path }) => path).filter((path) => path !== '/.dockerenv').sort()
  console.log(JSON.stringify({ programs: paths(programs), privileged: paths(privileged) }))`

test('a request that never ends is cut after the grace period, and no service is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  try {
    const graceFile = join(folder, 'grace.env')
    writeFileSync(graceFile, 'SHUTDOWN_GRACE_MS=3000\n') // at most 12000, by the configuration: StopTimeout is 15 s, above
    await compose('--env-file', graceFile, 'up', '--wait')
  } finally {
    rmSync(folder, { recursive: true })
  }
  const caller = connect(ports['user-service'], '127.0.0.1')
  await once(caller, 'connect')
  caller.on('error', () => undefined) // it is cut in the end
  caller.write('POST /users HTTP/1.1\r\nHost: tandem\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{')

  const began = performance.now()
  await compose('stop', 'user-service')
  const seconds = (performance.now() - began) / 1000
  caller.destroy()

  expect((await inspect('user-service')).State).toMatchObject({ Running: false, ExitCode: 0 }) // 137 where it was killed
  expect(seconds).toBeGreaterThan(2.5) // so the request did hang
})
