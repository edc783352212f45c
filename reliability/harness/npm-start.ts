import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually'
import { environment, root } from './stack'

/** Neither the default ones nor those of the containers. */
export const npmPorts = { 'user-service': 3200, 'order-service': 3201 }

export const npmGatewayPort = 3202

export const npmEnvironment: NodeJS.ProcessEnv = {
  ...environment,
  USER_SERVICE_PORT: String(npmPorts['user-service']),
  ORDER_SERVICE_PORT: String(npmPorts['order-service']),
  GATEWAY_PORT: String(npmGatewayPort),
}

/**
 * The repository as after `npm ci`, in a folder of its own: `npm start` builds there what is not built yet, and keeps its
 * data there.
 */
export function copyRepository(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  const skipped = /[\\/](node_modules|data)$/
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }
  for (const name of ['package.json', 'tsconfig.json', 'scripts', ...workspaces]) {
    const filter = (source: string) => !skipped.test(source)
    cpSync(join(root, name), join(folder, name), { recursive: true, preserveTimestamps: true, filter })
  }
  mkdirSync(join(folder, 'node_modules/@tandem'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')).filter((it) => it !== '@tandem')) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  symlinkSync('../../chassis', join(folder, 'node_modules/@tandem/chassis'))
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true })
    },
  }
}

export class NpmStart {
  /** All lines so far, of both services and its own. */
  printed = ''
  complaints = ''
  readonly #npm: ChildProcess
  readonly #closed: Promise<unknown[]>

  constructor(folder: string, variables: NodeJS.ProcessEnv = {}, args: readonly string[] = ['start']) {
    const env = { ...npmEnvironment, ...variables }
    // A group of its own, as a terminal gives to what it starts.
    this.#npm = spawn('npm', args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#npm.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.printed += chunk))
    this.#npm.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.complaints += chunk))
    this.#closed = once(this.#npm, 'close')
  }

  prints(text: string): Promise<true> {
    return eventually(60_000, `npm start prints "${text}"`, async () => this.printed.includes(text) || undefined)
  }

  /** What a terminal does on Ctrl-C. Answers npm's exit code, once all are gone. */
  async interrupt(): Promise<number | null> {
    const { exitCode, signalCode, pid } = this.#npm
    if (exitCode === null && signalCode === null && pid !== undefined) process.kill(-pid, 'SIGINT')
    return this.exits()
  }

  /** Ends npm alone, as `kill` does. */
  end(signal: NodeJS.Signals): void {
    this.#npm.kill(signal)
  }

  async exits(): Promise<number | null> {
    await this.#closed
    return this.#npm.exitCode
  }
}
