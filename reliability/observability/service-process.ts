import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { root } from '../harness/compose-stack'
import { eventually } from '../harness/eventually'

const readyMs = 60_000

interface Options {
  name: 'user-service' | 'order-service'
  port: number
  environment: Readonly<Record<string, string>>
  /** For its output. */
  folder: string
}

/** A service as a process of its own, from its sources. */
export class ServiceProcess {
  readonly port: number
  #process: ChildProcess | undefined

  constructor(private readonly options: Options) {
    this.port = options.port
  }

  /** Resolves once it is ready. */
  async start(variables: Readonly<Record<string, string>> = {}): Promise<void> {
    const { name, port, environment, folder } = this.options
    const output = openSync(join(folder, `${name}.log`), 'a')
    const loader = join(root, 'chassis/testing/run-typescript.cjs')
    this.#process = spawn(process.execPath, ['-C', 'development', '-r', loader, join(root, name, 'src/main.ts')], {
      env: { PATH: process.env.PATH, PORT: String(port), ...environment, ...variables },
      stdio: ['ignore', output, output],
    })
    await eventually(readyMs, `${name} is ready`, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
      return response?.ok === true ? true : undefined
    })
  }

  async kill(): Promise<void> {
    const running = this.#process
    this.#process = undefined
    if (running?.exitCode !== null) return // it has ended by itself, or was not started
    const closed = once(running, 'close')
    running.kill('SIGKILL')
    await closed
  }

  async restart(variables: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.kill()
    await this.start(variables)
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text()
  }
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  server.close()
  await once(server, 'close')
  return port
}
