import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A class of requests for which Node parses no more on a connection that is full. Node parses 64 kB at a time, which may
 * be thousands of requests, and stops in the middle only where it is to upgrade the connection: here `isFull` says so too.
 */
export function stoppableRequest(isFull: (socket: Socket) => boolean): typeof IncomingMessage {
  return class extends IncomingMessage {
    declare private isUpgrade: boolean

    get upgrade(): boolean {
      return this.isUpgrade
    }

    set upgrade(wanted: boolean) {
      this.isUpgrade = wanted || isFull(this.socket)
    }
  }
}
