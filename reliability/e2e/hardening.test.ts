import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose, inContainer, inspect, ports, serviceNames, startStack } from '../harness/stack'

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
        Cmd: ['node', '--max-semi-space-size=4', '--max-old-space-size=64', `${name}/dist/main.js`],
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
       const outcomes = [...mounted, '/app', '/dev/shm', '/home/node', '/root', '/run', '/var/tmp'].map((folder) => {
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
    expect(written).toMatchObject({ '/': 'EROFS', '/app': 'EROFS', '/var/tmp': 'EROFS' })
    const folders = Object.entries(written as Record<string, string>).filter(([, outcome]) => outcome === 'written')
    expect(folders.map(([folder]) => folder).sort()).toEqual(['/data', '/tmp'])
  })
})

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
