import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../chassis/testing/temporary'
import { isAlive, run } from './support/command'
import { smallRepository, start, type Started } from './support/small-repository'

/** The lines on stderr that are not npm's. */
function complaints(command: Pick<Started, 'errors'>): string[] {
  return command
    .errors()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('npm '))
}

const allGone = (started: Started) => eventually(() => !started.processes().some(isAlive))

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('stops both services if npm is ended by %s', async (signal) => {
    const started = await start(smallRepository())
    await started.says('ready: ')
    expect(started.processes()).toHaveLength(2)
    process.kill(started.pid, signal)
    await allGone(started)
    await started.code
    expect(started.output().match(/\| stopped$/gm)).toHaveLength(2)
  })

  it.each([
    ['on', 'unless something else is given', {}, ''],
    ['off', 'if the environment says so', { CHAOS: 'off' }, 'CHAOS=on\n'],
    ['off', 'if .env says so', {}, 'CHAOS=off\n'],
  ])('hands CHAOS=%s to both services, %s', async (value, _when, environment, env) => {
    const folder = smallRepository()
    writeFileSync(join(folder, '.env'), env)
    const started = await start(folder, environment)
    await started.says('ready: ')
    expect([...started.output().matchAll(/\| CHAOS=(.*)$/gm)].map(([, given]) => given)).toEqual([value, value])
  })

  it('starts no service that stays if npm is ended during the build', async () => {
    const folder = smallRepository()
    const build = join(folder, 'build.js')
    writeFileSync(build, `console.error('building')\nsetTimeout(() => {\n${readFileSync(build, 'utf8')}\n}, 500)`)
    const started = await start(folder)
    await eventually(() => started.errors().includes('building'))
    process.kill(started.pid, 'SIGTERM')
    await started.code
    await eventually(() => !isAlive(-started.pid))
    await allGone(started)
  })

  it('stops both services if the process between npm and them is killed', async () => {
    const started = await start(smallRepository())
    await started.says('ready: ')
    process.kill(-started.pid, 'SIGKILL') // npm too; the services are in groups of their own
    await allGone(started)
  })

  it('builds first though npm leaves out `pre` scripts, so that no old build runs', async () => {
    const started = await start(smallRepository(), { npm_config_ignore_scripts: 'true' })
    await started.says('ready: ')
  })

  it('does not start what was built before if the build fails', async () => {
    const folder = smallRepository()
    const first = await start(folder)
    await first.says('ready: ')
    process.kill(first.pid, 'SIGTERM')
    await allGone(first)

    writeFileSync(join(folder, 'build.js'), "console.log('an error'); process.exitCode = 2")
    const second = await start(folder)
    expect(await second.code).toBe(1)
    expect(second.processes()).toEqual([])
    expect(complaints(second)).toEqual(['an error', 'tandem: `npm run build` failed'])
  })

  it('asks the services directly if the environment names a proxy', async () => {
    const proxy = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' }
    const started = await start(smallRepository(), proxy)
    await started.says('ready: ')
  })

  const foreign = '198.51.100.1' // for documentation (RFC 5737): no machine has it
  it.each([
    ['the environment', { HOST: foreign }, ''],
    ['.env', {}, `HOST=${foreign}\n`],
  ])('names HOST and %s if the address is none of this machine', async (source, environment, env) => {
    const folder = smallRepository()
    writeFileSync(join(folder, '.env'), env)
    const started = await start(folder, environment)
    expect(await started.code).toBe(1)
    expect(complaints(started)).toEqual([
      expect.stringMatching(
        `^tandem: cannot listen on ${foreign}:\\d+: EADDRNOTAVAIL. HOST is set in ${source}: set it to 127.0.0.1, or to an address of this machine$`,
      ),
    ])
  })
})

describe('npm run dev', () => {
  it('stops both services if npm is killed', async () => {
    const started = await start(smallRepository(), {}, 'dev')
    await started.says('ready: ')
    process.kill(started.pid, 'SIGKILL')
    await allGone(started)
  })

  it('stops both services if the process between npm and them is killed', async () => {
    const started = await start(smallRepository(), {}, 'dev')
    await started.says('ready: ')
    process.kill(-started.pid, 'SIGKILL')
    await allGone(started)
  })
})

describe('A .env file in UTF-16', () => {
  it.each([
    ['start', 'tandem'],
    ['demo', 'demo'],
  ])('ends npm run %s, which says why in one line', async (script, name) => {
    const folder = smallRepository()
    writeFileSync(join(folder, '.env'), Buffer.from('\uFEFFHOST=127.0.0.1\r\n', 'utf16le'))
    const command = run(folder, ['npm', 'run', script])
    expect(await command.code).toBe(1)
    expect(complaints(command)).toEqual([
      `${name}: ${join(folder, '.env')} cannot be read: it is UTF-16, as PowerShell's \`>\` writes it; save it as UTF-8`,
    ])
  })
})
