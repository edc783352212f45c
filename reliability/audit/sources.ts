import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readSnapshot } from '@tandem/chassis/database/snapshot'
import { printable } from '@tandem/chassis/printable'
import { loadEnvironment } from '@tandem/chassis/service/environment'
import { readRecords as readOrderRecords } from '../../order-service/src/operations/records-store'
import { readRecords as readUserRecords } from '../../user-service/src/operations/records-store'
import type { Records } from './facts'
import { collectOrderRecords, collectUserRecords } from './records'

const root = join(__dirname, '../..')

/** Where the records come from. */
export interface Source {
  name: string
  /**
   * Reads user-service first: an order is stored before anything is held for it, so that each hold that was read has its
   * order among those read after it.
   */
  read: () => Promise<Pick<Records, 'users' | 'orders'>>
}

/** The stack started from this folder, by Compose or `npm start`. Throws if there is none. */
export async function runningStack(): Promise<Source> {
  const port = loadEnvironment(root).USER_SERVICE_PORT ?? '3000'
  const { findStack } = await import('../../scripts/find-stack.mjs')
  const { runsBy, exec } = await findStack(port)
  if (exec === undefined) return files(join(root, 'data/user-service.db'), join(root, 'data/order-service.db'))
  return containers(runsBy, (service) => [...exec, service])
}

/** What docker-compose.scale.yml runs. */
export function scaleStack(): Source {
  const file = 'docker-compose.scale.yml'
  return containers(file, (service) => ['docker', 'compose', '-f', file, 'exec', '-T', service])
}

/** What kubectl reaches. */
export function cluster(): Source {
  return containers('the cluster', (service) => ['kubectl', '-n', 'tandem', 'exec', `deployment/${service}`, '--'])
}

/** `exec` returns the words before a command that runs in the container of a service. */
function containers(runsBy: string, exec: (service: string) => readonly string[]): Source {
  const printedBy = (service: string) =>
    linesOf([...exec(service), 'node', `${service}/dist/operations/cli.js`, 'print-records'])
  return {
    name: `what ${runsBy} runs`,
    read: async () => ({
      users: await collectUserRecords(printedBy('user-service')),
      orders: await collectOrderRecords(printedBy('order-service')),
    }),
  }
}

/** Two database files, which services may have open. */
export function files(users: string, orders: string): Source {
  return {
    name: `${users} and ${orders}`,
    read: async () => ({
      users: await collectUserRecords(readSnapshot(users, readUserRecords)).catch(blame(users)),
      orders: await collectOrderRecords(readSnapshot(orders, readOrderRecords)).catch(blame(orders)),
    }),
  }
}

/** Yields the JSON lines that a command prints. Throws if it fails. */
async function* linesOf([command = '', ...args]: readonly string[]): AsyncGenerator {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close') as Promise<[code: number | null]> // as the event says
  ended.catch(() => undefined) // awaited below, after what was printed
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const failed = (how: string) => new Error(`${[command, ...args].join(' ')}: ${complaints.trim() || how}`)
  try {
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) {
      yield fromJson(line, failed)
    }
    const [code] = await ended
    if (code !== 0) throw failed(`exit code ${code}`)
  } finally {
    child.kill()
  }
}

function fromJson(line: string, failed: (how: string) => Error): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw failed(`printed ${printable(line)}`)
  }
}

function blame(file: string): (error: Error) => never {
  return (cause) => {
    throw new Error(`${file}: ${cause.message}`, { cause })
  }
}
