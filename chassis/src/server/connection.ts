import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { refuseOn, type Refusal } from './refusal'

/** A request that was parsed, and who serves it. */
export interface Exchange {
  req: IncomingMessage
  res: ServerResponse
  serve: RequestListener
}

/** What a connection reports to whoever watches over all of them. */
export interface Watcher {
  busy(connection: Connection): void
  idle(connection: Connection): void
  /** One more request waits for its turn. */
  waits(req: IncomingMessage): void
  /** It waits no more. */
  waited(req: IncomingMessage): void
  /** Begins a request that waited, when it is its turn among those of all connections. */
  schedule(begin: () => void): void
  /** A response was made, and not all of it has been read. */
  unread(connection: Connection, res: ServerResponse): void
  refused(connection: Connection, refusal: Refusal): void
}

/**
 * Works on one request of a connection at a time. Node begins all those that came in one piece at once, and keeps their
 * responses until it is their turn.
 */
export class Connection {
  #current: Exchange | undefined
  #waiting: Exchange[] = []
  /** What ends the connection once all requests have their responses. */
  #last: { refusal: Refusal | undefined } | undefined
  /** Whether the last request got its response before all of its body was there. */
  #isAnsweredEarly = false
  #bytesWhenIdle = 0

  constructor(
    readonly socket: Socket,
    private readonly watcher: Watcher,
    private readonly lingerMs: number,
  ) {}

  /** Whether nothing has come since the last response. */
  get isQuiet(): boolean {
    return this.#current === undefined && this.socket.bytesRead === this.#bytesWhenIdle
  }

  /** How many requests wait for their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Whether it is the peer that keeps us waiting, and not we the peer. */
  get waitsForPeer(): boolean {
    return !this.#current || !this.#current.req.complete || this.#current.res.writableEnded
  }

  take(exchange: Exchange): void {
    if (!this.#current) {
      this.#begin(exchange)
      return
    }
    this.#waiting.push(exchange)
    this.watcher.waits(exchange.req)
  }

  /** Closes the connection once all requests have their responses. What came last and cannot be read is refused. */
  finish(refusal?: Refusal): void {
    if (this.#last) return
    this.#last = { refusal }
    const isBroken = this.#waiting.at(-1)?.req.complete === false
    if (isBroken) this.#drop(this.#waiting.splice(-1))
    if (!this.#current || (!this.#current.req.complete && !this.#current.res.headersSent)) this.#close()
  }

  /** Nobody waits for the rest of its requests any more. */
  closed(): void {
    this.#drop(this.#waiting.splice(0))
  }

  #begin(exchange: Exchange): void {
    const { req, res, serve } = exchange
    this.#current = exchange
    this.watcher.busy(this)
    res.on('prefinish', this.#made).on('close', this.#ended)
    serve(req, res)
  }

  readonly #made = () => {
    if (this.#current && this.socket.writableLength > 0) this.watcher.unread(this, this.#current.res)
  }

  readonly #ended = () => {
    if (!this.socket.writable) return // the connection is closed, or was to be closed after this response
    this.#isAnsweredEarly = this.#current?.req.complete === false
    const next = this.#waiting.shift()
    this.#current = next
    if (next) {
      this.watcher.waited(next.req)
      this.watcher.schedule(() => {
        if (this.socket.writable) this.#begin(next)
      })
    } else if (this.#last) {
      this.#close()
    } else {
      this.#bytesWhenIdle = this.socket.bytesRead
      this.watcher.idle(this)
    }
  }

  #drop(exchanges: readonly Exchange[]): void {
    for (const { req } of exchanges) this.watcher.waited(req)
  }

  #close(): void {
    const { socket } = this
    const refusal = this.#last?.refusal
    if (socket.bytesRead === 0) {
      socket.destroy()
      return
    }
    if (refusal && !this.#isAnsweredEarly && socket.writable) {
      this.watcher.refused(this, refusal)
      refuseOn(socket, refusal)
    } else {
      socket.end()
    }
    // Closing at once, with bytes of the peer unread, would take back responses that are under way.
    const timer = setTimeout(() => socket.destroy(), this.lingerMs)
    socket.once('close', () => {
      clearTimeout(timer)
    })
    socket.once('end', () => socket.destroy())
    socket.resume()
  }
}
