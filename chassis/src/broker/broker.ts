import { hostname } from 'node:os'
import { Connection, ConsumerStatus, type Publisher as Sender } from 'rabbitmq-client'
import type { Log } from '../log'
import type { Consumer, Delivery } from './brokered-feed'
import { readMessage, type Message } from './message'
import type { Publisher } from './relay'

/** A topic exchange; the routing key is the service and the type: `user-service.user.created`. */
const exchange = 'tandem.events'
const declared = { exchange, type: 'topic', durable: true }
const prefetchCount = 500
const maxQueued = 100_000

interface Options {
  /** `amqp://user:password@host`. */
  url: string
  /** Who connects, for the broker's own lists. */
  name: string
  log: Log
}

/** RabbitMQ. It connects by itself, again and again; while it is away, publishing fails and nothing is delivered. */
export class Broker implements Publisher {
  readonly #connection: Connection
  readonly #sender: Sender
  #isAway = false

  constructor(private readonly options: Options) {
    const { url, name, log } = options
    this.#connection = new Connection({
      url,
      connectionName: `${name} ${hostname()}`,
      connectionTimeout: 3000,
      acquireTimeout: 3000,
      heartbeat: 10,
      retryLow: 250,
      retryHigh: 2000,
    })
    this.#connection.on('error', (error: Error) => {
      this.#failed(error)
    })
    this.#connection.on('connection', () => {
      log.info('connected to the broker')
      this.#isAway = false
    })
    this.#sender = this.#connection.createPublisher({ confirm: true, exchanges: [declared] })
  }

  async publish(messages: readonly Message[]): Promise<void> {
    const sent = messages.map(({ service, type, id, json }) =>
      this.#sender.send(
        {
          exchange,
          routingKey: `${service}.${type}`,
          messageId: id,
          durable: true,
          contentType: 'application/cloudevents+json',
        },
        Buffer.from(json),
      ),
    )
    const outcomes = await Promise.allSettled(sent)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  /** Receives the events of a service, from a queue that belongs to `reader`: one process at a time gets its messages. */
  consume(
    { service, reader }: { service: string; reader: string },
    receive: (delivery: Delivery) => void,
    lose: () => void,
  ): Consumer {
    const queue = `${reader}.${service}`
    let isReady = false
    const consumer = this.#connection.createConsumer(
      {
        queue,
        queueOptions: {
          durable: true,
          arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true, 'x-max-length': maxQueued },
        },
        exchanges: [declared],
        queueBindings: [{ exchange, routingKey: `${service}.#` }],
        qos: { prefetchCount },
      },
      ({ body }) => {
        const received = readMessage(String(body), service)
        if (received === undefined) {
          this.options.log.error({ queue }, 'message is not an event, and is dropped: the feed has the event')
          return ConsumerStatus.DROP
        }
        return new Promise((resolve) => {
          receive({
            ...received,
            settle: (done) => {
              resolve(done ? ConsumerStatus.ACK : ConsumerStatus.REQUEUE)
            },
          })
        })
      },
    )
    consumer.on('ready', () => {
      isReady = true
    })
    consumer.on('error', (error: Error) => {
      isReady = false
      this.#failed(error)
      lose()
    })
    return {
      get isReady() {
        return isReady
      },
      close: () => consumer.close(),
    }
  }

  async close(): Promise<void> {
    await this.#sender.close()
    await this.#connection.close()
  }

  /** Logs the first of several failures. */
  #failed({ message }: Error): void {
    if (!this.#isAway) this.options.log.warn({ reason: message }, 'the broker cannot be used')
    this.#isAway = true
  }
}
