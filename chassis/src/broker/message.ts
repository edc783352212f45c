import { z } from 'zod'
import { FollowedEvent } from '../following/event-source'

/** The CloudEvents extension with the id of the event before; missing in the first one of a log. */
export const previousId = 'previousid'

/** An event as the broker carries it. */
export interface Message {
  service: string
  id: string
  type: string
  /** In CloudEvents 1.0. */
  json: string
}

const Received = z.object({ source: z.string(), [previousId]: z.string().optional() }).and(FollowedEvent)

export interface ReceivedEvent {
  event: FollowedEvent
  previous: string | undefined
}

/** Returns undefined if it is not an event of this service. */
export function readMessage(body: string, service: string): ReceivedEvent | undefined {
  const read = Received.safeParse(json(body))
  if (!read.success || read.data.source !== `/${service}`) return undefined
  const { [previousId]: previous, ...event } = read.data
  return { event, previous }
}

function json(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // no schema accepts it
  }
}
