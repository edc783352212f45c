import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eventually } from '../harness/eventually'
import { malformedMetricsTricks, metricsTricks } from '../harness/metrics-tricks'
import { copyRepository, npmGatewayPort, npmPorts, NpmStart } from '../harness/npm-start'
import { rawRequest } from '../harness/raw-request'
import { serviceNames } from '../harness/stack'

let repository: ReturnType<typeof copyRepository>

beforeAll(() => {
  repository = copyRepository()
})

afterAll(() => {
  repository.remove()
})

test('npm start runs both services, restarts one that dies, and stops both on Ctrl-C', async () => {
  const npm = new NpmStart(repository.folder)
  try {
    await npm.prints('ready: users at http://127.0.0.1:3200, orders at http://127.0.0.1:3201; Ctrl-C stops both')
    expect(existsSync(join(repository.folder, 'data/user-service.db'))).toBe(true)
    expect(existsSync(join(repository.folder, 'data/order-service.db'))).toBe(true)

    for (const name of serviceNames) {
      for (const target of [...metricsTricks(name), ...malformedMetricsTricks(name)]) {
        const { status, body } = await rawRequest(npmGatewayPort, `GET ${target}`)
        expect({ target, status, isMetrics: body.includes('# HELP') }).toEqual({
          target,
          status: 404,
          isMetrics: false,
        })
      }
      expect((await rawRequest(npmGatewayPort, `GET /${name}/health`)).status).toBe(200)
    }

    for (const port of Object.values(npmPorts)) {
      const first = listenerOn(port)
      process.kill(first, 'SIGKILL')
      await eventually(20_000, `another process listens on ${port}`, async () =>
        isReady(port).then((ready) => (ready && listenerOn(port) !== first ? true : undefined)),
      )
    }
    expect(npm.printed).toMatch(/^tandem +\| user-service died \(SIGKILL\), starts again in 0.5 s$/m)
    expect(npm.printed).toMatch(/^tandem +\| order-service died \(SIGKILL\), starts again in 0.5 s$/m)
  } finally {
    await npm.interrupt()
  }
  expect(npm.printed).toMatch(/^user-service +\| .*"msg":"stopped"}$/m)
  expect(npm.printed).toMatch(/^order-service +\| .*"msg":"stopped"}$/m)
  for (const port of Object.values(npmPorts)) expect(await isReady(port)).toBe(false)
})

test.each(['SIGTERM', 'SIGKILL'] as const)('npm start stops both services if npm is ended by %s', async (signal) => {
  const npm = new NpmStart(repository.folder)
  try {
    await npm.prints('ready: ')
  } finally {
    npm.end(signal)
    await npm.exits()
  }
  for (const port of Object.values(npmPorts)) {
    await eventually(20_000, `nobody listens on ${port}`, async () => ((await isReady(port)) ? undefined : true))
  }
})

test('npm start prints one clear line and exits with 1 if a port is in use or a variable is bad', async () => {
  const server = createServer().listen(npmPorts['order-service'], '127.0.0.1')
  await once(server, 'listening')
  const taken = new NpmStart(repository.folder)
  expect(await taken.exits()).toBe(1)
  server.close()
  expect(oursIn(taken)).toEqual(['tandem: cannot listen on 127.0.0.1:3201: it is taken'])

  const badPort = new NpmStart(repository.folder, { USER_SERVICE_PORT: 'none' })
  expect(await badPort.exits()).toBe(1)
  expect(oursIn(badPort)).toEqual(['tandem: bad configuration: USER_SERVICE_PORT must be an integer from 1 to 65535'])

  const badGrace = new NpmStart(repository.folder, { SHUTDOWN_GRACE_MS: '12001' })
  expect(await badGrace.exits()).toBe(1)
  const fault =
    /^(user|order)-service +\| \1-service: bad configuration: SHUTDOWN_GRACE_MS must be an integer from 0 to 12000$/
  const lines = oursIn(badGrace) // of the first to stop, and of the other one if it came as far
  expect(lines).toEqual(lines.map(() => expect.stringMatching(fault)))
  expect([1, 2]).toContain(lines.length)
})

/** What is not npm's own talk. */
function oursIn({ complaints }: NpmStart): string[] {
  return complaints.split('\n').filter((line) => line !== '' && !line.startsWith('npm '))
}

function listenerOn(port: number): number {
  return Number(execFileSync('lsof', ['-t', '-i', `tcp:${port}`, '-s', 'tcp:listen'], { encoding: 'utf8' }))
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health/ready`).then(
    (answer) => answer.ok,
    () => false,
  )
}
