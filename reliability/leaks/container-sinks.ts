import type { Container } from '../harness/compose-project'
import { serviceNames } from '../harness/service-processes'
import type { Tandem } from '../harness/tandem'
import type { Sinks } from './sinks'

type Stack = NonNullable<Tandem['stack']>

const nameOf = ({ Config }: Container) => Config.Labels['com.docker.compose.service'] ?? ''
const isRunning = ({ State }: Container) => State.Running

/** What is in and around the containers: those of the gateway, PostgreSQL and RabbitMQ too. */
export async function sinksOfContainers(stack: Stack, size: Tandem['size']): Promise<Sinks> {
  const sinks: Sinks = {}
  const add = (sink: string, text: string) => (sinks[sink] = (sinks[sink] ?? '') + text)
  for (const container of await stack.inspectAll()) {
    const name = nameOf(container)
    add(`settings of ${name}`, JSON.stringify(container))
    add(`image of ${name}`, await stack.docker('history', '--no-trunc', container.Image))
    add(`image of ${name}`, await stack.docker('image', 'inspect', container.Image))
    if (!isRunning(container)) continue
    const exec = (...command: string[]) => stack.docker('exec', container.Id, ...command)
    add(`arguments of ${name}`, await exec('cat', '/proc/1/cmdline'))
    add(`environment of ${name}`, await exec('cat', '/proc/1/environ'))
    if (!serviceNames.some((it) => it === name)) continue
    add(`metrics of ${name}`, await exec('node', '-e', printMetrics))
  }
  for (const name of new Set(Object.keys(sinks).map((sink) => sink.replace(/^.* of /, ''))))
    if (name !== 'secrets') sinks[`log of ${name}`] = await stack.compose('logs', '--no-color', name)
  if (size === 'compose')
    for (const name of serviceNames)
      add('databases', await stack.compose('exec', '-T', name, 'cat', `/data/${name}.db`, `/data/${name}.db-wal`))
  return sinks
}

/** Passwords that only a container's own file should hold. */
export async function passwordsOf(stack: Stack): Promise<Record<string, string>> {
  const read = (service: string, file: string) => stack.compose('exec', '-T', service, 'cat', `/run/secrets/${file}`)
  const passwords: Record<string, string> = { superuser: await read('postgres', 'superuser-password') }
  for (const name of serviceNames)
    for (const what of ['database', 'broker']) passwords[`${what}, ${name}`] = await read(name, `${what}-password`)
  return Object.fromEntries(Object.entries(passwords).map(([name, value]) => [name, value.trim()]))
}

/** A queue of its own gets each message that is published from now on. Returns what reads them all. */
export async function bindQueue(stack: Stack): Promise<() => Promise<string>> {
  const run = (action: string) => stack.compose('exec', '-T', 'user-service', 'node', '-e', withBroker(action))
  await run(`await broker.queueDeclare({ queue, durable: true })
    await broker.queueBind({ queue, exchange: 'tandem.events', routingKey: '#' })`)
  return () =>
    run(`for (let next; (next = await broker.basicGet({ queue, noAck: true })) !== undefined; ) console.log(JSON.stringify(next))
      await broker.queueDelete({ queue })`)
}

const withBroker = (action: string) => `
  const { Connection } = require('rabbitmq-client')
  const url = new URL(process.env.BROKER_URL)
  url.password = require('node:fs').readFileSync(process.env.BROKER_PASSWORD_FILE, 'utf8').trim()
  const queue = 'user-service.leaks'
  const broker = new Connection(url.href)
  const main = async () => {
    ${action}
    await broker.close()
  }
  main()`

const printMetrics =
  "fetch('http://127.0.0.1:' + process.env.PORT + '/metrics').then((it) => it.text()).then((text) => console.log(text))"
