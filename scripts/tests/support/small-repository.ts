import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../chassis/testing/server'
import { afterThisTest, temporaryFolder } from '../../../chassis/testing/temporary'
import { isAlive, run, type Command } from './command'

export const root = join(__dirname, '../../..')

const services = ['user-service', 'order-service']
const service = `
  const { HOST, PORT } = process.env
  const server = require('node:http').createServer((_req, res) => void res.end())
  server.listen(Number(PORT), HOST || '127.0.0.1', () => console.log('process ' + process.pid))
  console.log('CHAOS=' + process.env.CHAOS)
  process.on('SIGTERM', () => {
    console.log('stopped')
    process.exit(0)
  })`
const build = services.map((name) => `require('node:fs').cpSync('${name}/src/main.ts', '${name}/dist/main.js')`)

/** A folder with the scripts of this repository, two services of a few lines, and what is installed here. */
export function smallRepository(folder = temporaryFolder()): string {
  mkdirSync(folder, { recursive: true })
  const { scripts, ...manifest } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const written = { ...manifest, scripts: { ...scripts, build: 'node build.js' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(written))
  writeFileSync(join(folder, 'build.js'), build.join('\n'))
  for (const name of ['scripts', 'chassis/src/service/read-environment.js', 'tsconfig.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  for (const name of services) {
    mkdirSync(join(folder, name, 'src'), { recursive: true })
    writeFileSync(join(folder, name, 'src/main.ts'), service)
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

export type Started = Command & { processes(): number[] }

/** Runs `npm start`, or another script that starts both services, at free ports. */
export async function start(folder: string, environment = {}, script = 'start'): Promise<Started> {
  const names = ['USER_SERVICE_PORT', 'ORDER_SERVICE_PORT', 'GATEWAY_PORT']
  const ports: Record<string, string> = {}
  for (const name of names) ports[name] = String(await freePort())
  const command = run(folder, ['npm', 'run', ...script.split(' ')], { ...ports, ...environment })
  const processes = () => [...command.output().matchAll(/^\S+ +\| process (\d+)$/gm)].map(([, pid]) => Number(pid))
  afterThisTest(() => {
    for (const pid of processes()) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  return { ...command, processes }
}
