import { hostname } from 'node:os'
import { Connection, type Publisher as Sender } from 'rabbitmq-client'
import type { Log } from '../log'
import { within } from '../within'
import type { Consumer, Delivery } from './brokered-feed'
import { exchange } from './exchange'
import type { Message } from './message'
import { MessageConsumer } from './message-consumer'
import type { Publisher } from './relay'

const maxConfirmMs = 5000
const maxCloseMs = 1000

interface Options {
  /** `amqp://user:password@host`. */
  url: string
  /** Who connects, for the broker's own lists. */
  name: string
  log: Log
}

/** RabbitMQ. It connects by itself, again and again; while it is away, publishing fails and nothing is delivered. */
export class Broker implements Publisher {
  #sending: { connection: Connection; sender: Sender } | undefined
  #isAway = false

  constructor(private readonly options: Options) {}

  /** Whether it could not be used when it was last tried. */
  get isAway(): boolean {
    return this.#isAway
  }

  async publish(messages: readonly Message[]): Promise<void> {
    const { sender } = (this.#sending ??= this.#openSender())
    const sent = messages.map(({ service, type, id, json }) =>
      sender.send(
        {
          exchange: exchange.exchange,
          routingKey: `${service}.${type}`,
          messageId: id,
          durable: true,
          contentType: 'application/cloudevents+json',
        },
        Buffer.from(json),
      ),
    )
    const outcomes = await within(maxConfirmMs, Promise.allSettled(sent))
    if (outcomes === undefined) {
      await this.close() // what is confirmed later would be taken for what is published next
      throw new Error('the broker has not confirmed in time')
    }
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  /** See MessageConsumer. */
  consume(
    { service, reader }: { service: string; reader: string },
    receive: (delivery: Delivery) => void,
    lose: () => void,
  ): Consumer {
    const { log } = this.options
    return new MessageConsumer({ connect: () => this.#connect(), service, reader, receive, lose, log })
  }

  async close(): Promise<void> {
    const sending = this.#sending
    this.#sending = undefined
    if (sending === undefined) return
    const closing = sending.sender.close().catch(() => undefined) // it was lost already
    await within(maxCloseMs, closing)
    sending.connection.unsafeDestroy()
  }

  #openSender() {
    const connection = this.#connect()
    return { connection, sender: connection.createPublisher({ confirm: true, exchanges: [exchange] }) }
  }

  #connect(): Connection {
    const { url, name, log } = this.options
    const connection = new Connection({
      url,
      connectionName: `${name} ${hostname()}`,
      connectionTimeout: 3000,
      acquireTimeout: 3000,
      heartbeat: 10,
      retryLow: 250,
      retryHigh: 2000,
    })
    connection.on('error', ({ message }: Error) => {
      if (!this.#isAway) log.warn({ reason: message }, 'the broker cannot be used')
      this.#isAway = true
    })
    connection.on('connection', () => {
      if (this.#isAway) log.info('the broker can be used again')
      this.#isAway = false
    })
    return connection
  }
}
