import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually, pause } from '../../harness/eventually'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { settled } from '../load/settled'
import { allAnswered, startShoppers } from '../load/shoppers'
import { secondsUntilFollowed } from './lag'
import { startRenamers } from './renamers'

const maxLagSeconds = 30
const ways = ['drop', 'repeat and swap', 'restart', 'kill', 'wipe'] as const
type Way = (typeof ways)[number]

/**
 * RabbitMQ is restarted, killed, and made anew without what it had on disk; its messages are dropped, repeated and swapped;
 * while users change, whom order-service follows.
 */
export const broker: Fault<ScaleStack> = {
  name: 'broker',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const acts = short ? (['drop', 'repeat and swap', 'kill'] as const) : Array.from({ length: 4 }, () => ways).flat()
    await stack.startStack()
    let finished = false
    const goOn = () => !finished
    const renamers = await startRenamers({ stack, journal, over }, { renamers: 10, thinkMs: 200, goOn })
    const { sales, done } = await startShoppers({ stack, journal, random, over }, { shoppers: 20, thinkMs: 300, goOn })
    await pause(short ? 3_000 : 10_000)
    const byMessages = await relayed(stack)
    const lagSeconds: number[] = []
    for (const way of acts) {
      const changesBefore = renamers.count()
      await strike(stack, way, random)
      const seconds = await secondsUntilFollowed(stack, 2 * maxLagSeconds * 1000)
      lagSeconds.push(Number.isNaN(seconds) ? Infinity : seconds)
      tell(`${way}: followed after ${seconds.toFixed(1)} s, ${renamers.count() - changesBefore} changes meanwhile`)
      await pause(random() * 2_000)
    }
    finished = true
    await Promise.all([done, renamers.done])
    const followed = await secondsUntilFollowed(stack, maxLagSeconds * 1000)
    const { unfinished } = await settled(stack, 30_000)
    const [failure] = renamers.failures
    const slowest = Math.max(...lagSeconds)
    return {
      done: `${acts.length} times RabbitMQ's messages dropped, repeated and swapped, or itself restarted, killed or wiped, during ${renamers.count()} changes of users and ${sales.orders} orders`,
      figures: [
        `followed ${slowest.toFixed(1)} s after it was back at most`,
        `all followed ${followed.toFixed(1)} s after the last change`,
        `${byMessages} events had been published before`,
      ],
      checks: [
        allAnswered(sales),
        { message: `0 changes failed${failure === undefined ? '' : `: ${failure}`}`, holds: failure === undefined },
        {
          message: `the lag is 0 within ${maxLagSeconds} s`,
          holds: slowest <= maxLagSeconds,
          noneOf: renamers.count(),
        },
        { message: 'all is followed in the end', holds: followed <= maxLagSeconds },
        { message: 'messages were published', holds: byMessages > 0 },
        { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
      ],
    }
  },
}

async function strike(stack: ScaleStack, way: Way, random: () => number): Promise<void> {
  const [rabbit = ''] = await stack.containersOf('rabbitmq')
  switch (way) {
    case 'drop':
      for (let n = 0; n < 5; n++) {
        await stack.docker('exec', rabbit, 'rabbitmqctl', '-q', 'purge_queue', 'order-service.user-service')
        await pause(random() * 500)
      }
      return
    case 'repeat and swap':
      return publishAgain(stack, random)
    case 'restart':
      await stack.docker('restart', rabbit)
      return whenHealthy(stack)
    case 'kill':
      await stack.docker('kill', '--signal', 'KILL', rabbit)
      await pause(random() * 3_000)
      await stack.docker('start', rabbit)
      return whenHealthy(stack)
    case 'wipe':
      await stack.compose('rm', '--stop', '--force', 'rabbitmq')
      await stack.docker('volume', 'rm', `${stack.project}_rabbitmq-data`)
      await stack.compose('up', '--wait', '--no-recreate', 'rabbitmq')
  }
}

function whenHealthy(stack: ScaleStack): Promise<void> {
  return eventually(90_000, 'RabbitMQ is healthy', async () => {
    const [rabbit] = await stack.inspectAll('rabbitmq')
    return rabbit?.State.Health.Status === 'healthy' || undefined
  }).then(() => undefined)
}

interface Row {
  id: string
  type: string
  subject: string
  time: string
  data: string
  previous: string | null
}

/** Publishes the newest events of user-service once more, each of them up to three times, in any order. */
async function publishAgain(stack: ScaleStack, random: () => number): Promise<void> {
  const events = await stack.rowsOf<Row>(
    'user-service',
    `SELECT id, type, subject, time, data, LAG(id) OVER (ORDER BY sequence) AS previous FROM events
     WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 300`,
  )
  const messages = events.flatMap(({ data, previous, ...event }) => {
    const whole = { specversion: '1.0', source: '/user-service', ...event, ...(previous && { previousid: previous }) }
    const message = {
      service: 'user-service',
      id: event.id,
      type: event.type,
      json: JSON.stringify({ ...whole, datacontenttype: 'application/json', data: JSON.parse(data) as unknown }),
    }
    return Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({ message, at: random() }))
  })
  messages.sort((a, b) => a.at - b.at)
  const [replica = ''] = await stack.containersOf('user-service')
  const child = spawn('docker', ['exec', '-i', replica, 'node', '-e', publish], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  child.stdin.end(JSON.stringify(messages.map(({ message }) => message)))
  const [code] = (await once(child, 'close')) as [number | null] // as the event says
  if (code !== 0) throw new Error(`publishing ended with exit code ${String(code)}`)
}

// Within the network of RabbitMQ, as user-service.
const publish = `
  const { openBroker } = require('@tandem/chassis/broker/open-broker')
  const { BROKER_URL: brokerUrl, BROKER_PASSWORD_FILE: brokerPasswordFile } = process.env
  const log = { info() {}, warn() {}, error() {}, debug() {} }
  const broker = openBroker({ config: { brokerUrl, brokerPasswordFile, root: '/' }, name: 'fault', log })
  let text = ''
  process.stdin.on('data', (chunk) => (text += chunk)).on('end', async () => {
    await broker.publish(JSON.parse(text))
    await broker.close()
    process.exit(0)
  })`

/** How many events all replicas of user-service have published since they started. */
async function relayed(stack: ScaleStack): Promise<number> {
  const counts = await stack.metricOf('user-service', 'relayed_events_total ')
  return counts.reduce((sum, count) => sum + count, 0)
}
