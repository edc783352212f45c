import { resolve } from 'node:path'
import type { EventSource } from '../following/event-source'
import type { Log } from '../log'
import type { System } from '../system'
import { withPassword } from '../url-password'
import { Broker } from './broker'
import { BrokeredFeed, type Consume } from './brokered-feed'

interface Options {
  config: { brokerUrl?: string | undefined; brokerPasswordFile?: string | undefined; root: string }
  name: string
  log: Log
}

/** Returns undefined if none is configured. Throws an OperatorError if its password cannot be read. */
export function openBroker({ config, name, log }: Options): Broker | undefined {
  const { brokerUrl, brokerPasswordFile, root } = config
  if (brokerUrl === undefined) return undefined
  const file = brokerPasswordFile && resolve(root, brokerPasswordFile)
  const url = withPassword(brokerUrl, { file, variable: 'BROKER_PASSWORD_FILE' })
  return new Broker({ url, name, log })
}

/** The events of another service: as the broker delivers them, if there is one; else from its feed. */
export function eventsOf(
  service: string,
  { reader, feed, broker, system }: { reader: string; feed: EventSource; broker: Broker | undefined; system: System },
): EventSource {
  if (broker === undefined) return feed
  const consume: Consume = (receive, lose) => broker.consume({ service, reader }, receive, lose)
  return new BrokeredFeed({ feed, consume, system })
}
