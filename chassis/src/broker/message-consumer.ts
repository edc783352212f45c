import { ConsumerStatus, type AsyncMessage, type Connection, type Consumer as RabbitConsumer } from 'rabbitmq-client'
import type { Log } from '../log'
import { within } from '../within'
import type { Consumer, Delivery } from './brokered-feed'
import { exchange } from './exchange'
import { readMessage } from './message'

const prefetchCount = 500
const maxQueued = 100_000
const maxCloseMs = 1000

interface Options {
  connect: () => Connection
  /** Whose events are received. */
  service: string
  /** Whom the queue belongs to: one of its processes at a time gets the messages. */
  reader: string
  receive: (delivery: Delivery) => void
  /** See Consume. */
  lose: () => void
  log: Log
}

/** Receives the events of a service on a connection of its own. */
export class MessageConsumer implements Consumer {
  readonly #connection: Connection
  readonly #consumer: RabbitConsumer
  #isClosing = false

  constructor(private readonly options: Options) {
    const { connect, service, reader, lose, log } = options
    this.#connection = connect()
    this.#consumer = this.#connection.createConsumer(
      {
        queue: `${reader}.${service}`,
        queueOptions: {
          durable: true,
          arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true, 'x-max-length': maxQueued },
        },
        exchanges: [exchange],
        queueBindings: [{ exchange: exchange.exchange, routingKey: `${service}.#` }],
        qos: { prefetchCount },
      },
      (message) => this.#handle(message),
    )
    this.#consumer.on('error', (error: Error) => {
      log.debug({ reason: error.message }, 'consumer of the broker')
      lose()
    })
    this.#connection.on('error', lose)
  }

  get isReady(): boolean {
    return this.#connection.ready && this.#consumer.consumerTag !== ''
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await within(
      maxCloseMs,
      this.#consumer.close().catch(() => undefined), // it was lost already
    )
    this.#connection.unsafeDestroy()
  }

  #handle({ body }: AsyncMessage): Promise<ConsumerStatus> | ConsumerStatus {
    const { service, receive, log } = this.options
    if (this.#isClosing) return ConsumerStatus.REQUEUE
    const received = readMessage(String(body), service)
    if (received === undefined) {
      log.error({ service }, 'message is not an event, and is dropped: the feed has the event')
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
  }
}
