import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Connection, type Watcher } from './connection'
import type { Refusal } from './refusal'
import { sizeOf } from './request-size'

// Requests that waited and begin in one turn of the event loop: callers that send one at a time come in between.
const maxBegunPerTurn = 4

interface Limits {
  maxConnections: number
  /** How many requests may wait for their turn on one connection. */
  maxWaiting: number
  /** Of all requests that wait for their turn. One of each connection may wait also beyond it. */
  maxWaitingBytes: number
  /** Of all responses that their callers have not read yet. */
  maxUnreadBytes: number
  /** How long a caller has to read a response, in milliseconds. */
  unreadTimeout: number
  /** How long the peer has to close a connection on which something was refused, in milliseconds. */
  lingerTimeout: number
}

interface Report {
  cut: (socket: Socket, reason: string) => void
  refused: (socket: Socket, refusal: Refusal) => void
}

/**
 * All connections of a server. Beyond its limits it cuts a connection whose peer keeps the service waiting, never one that
 * waits for the service. The limits hold for all callers together: behind a proxy they have one address.
 */
export class Connections implements Watcher {
  readonly #all = new Map<Duplex, Connection>()
  /** In each of these sets, who has been there longest comes first. Nothing was served yet on a silent one. */
  readonly #silent = new Set<Connection>()
  readonly #idle = new Set<Connection>()
  readonly #busy = new Set<Connection>()
  readonly #unread = new Map<Connection, number>()
  #waitingBytes = 0
  #unreadBytes = 0
  #isClosing = false
  readonly #scheduled: (() => void)[] = []

  constructor(
    private readonly limits: Limits,
    private readonly report: Report,
  ) {}

  accept(socket: Socket): void {
    const connection = new Connection(socket, this, this.limits.lingerTimeout)
    if (this.#all.size >= this.limits.maxConnections) this.#cut(this.#dispensable() ?? connection, 'too-many')
    if (socket.destroyed) return
    this.#all.set(socket, connection)
    this.#silent.add(connection)
    socket.on('error', () => undefined) // it is closed then; Node does not listen any more once it parses no more
    socket.once('close', () => {
      this.#forget(connection)
    })
  }

  take(req: IncomingMessage, res: ServerResponse, serve: RequestListener): void {
    this.#all.get(req.socket)?.take({ req, res, serve })
  }

  /** Whether no more may be parsed of what comes on the socket. */
  isFull(socket: Duplex): boolean {
    const waiting = this.#all.get(socket)?.waiting ?? 0
    return waiting >= this.limits.maxWaiting || (waiting > 0 && this.#waitingBytes > this.limits.maxWaitingBytes)
  }

  /** Ends the connection once all requests on it have their responses, and says why, if what came last is refused. */
  finish(socket: Duplex, refusal?: Refusal): void {
    this.#all.get(socket)?.finish(refusal)
  }

  /** From now on no connection is kept while it is idle. */
  closeIdle(): void {
    this.#isClosing = true
    for (const connection of [...this.#silent, ...this.#idle]) if (connection.isQuiet) connection.socket.destroy()
  }

  /** Cuts all, and returns how many. */
  closeAll(): number {
    const { size } = this.#all
    for (const connection of this.#all.values()) connection.socket.destroy()
    return size
  }

  busy(connection: Connection): void {
    this.#silent.delete(connection)
    this.#idle.delete(connection)
    this.#busy.add(connection)
  }

  idle(connection: Connection): void {
    this.#busy.delete(connection)
    this.#idle.add(connection)
    if (this.#isClosing) connection.socket.destroySoon()
  }

  waits(req: IncomingMessage): void {
    this.#waitingBytes += sizeOf(req)
  }

  waited(req: IncomingMessage): void {
    this.#waitingBytes -= sizeOf(req)
  }

  schedule(begin: () => void): void {
    this.#scheduled.push(begin)
    if (this.#scheduled.length === 1) setImmediate(this.#beginSome)
  }

  readonly #beginSome = () => {
    const due = this.#scheduled.slice(0, maxBegunPerTurn)
    for (const begin of due) begin()
    this.#scheduled.splice(0, due.length)
    if (this.#scheduled.length > 0) setImmediate(this.#beginSome)
  }

  unread(connection: Connection, res: ServerResponse): void {
    const bytes = connection.socket.writableLength
    this.#unread.set(connection, bytes)
    this.#unreadBytes += bytes
    const timer = setTimeout(() => {
      this.#cut(connection, 'unread')
    }, this.limits.unreadTimeout)
    res.once('close', () => {
      clearTimeout(timer)
      this.#forgetUnread(connection)
    })
    for (const oldest of this.#unread.keys()) {
      if (this.#unreadBytes <= this.limits.maxUnreadBytes) break
      this.#cut(oldest, 'unread')
    }
  }

  refused(connection: Connection, refusal: Refusal): void {
    this.report.refused(connection.socket, refusal)
  }

  /** The connection that is missed least, if its peer keeps the service waiting. */
  #dispensable(): Connection | undefined {
    const [silent] = this.#silent
    const [idle] = this.#idle
    return silent ?? idle ?? [...this.#busy].find(({ waitsForPeer }) => waitsForPeer)
  }

  #cut(connection: Connection, reason: string): void {
    this.report.cut(connection.socket, reason)
    connection.socket.destroy()
    this.#forget(connection)
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection.socket)
    this.#silent.delete(connection)
    this.#idle.delete(connection)
    this.#busy.delete(connection)
    this.#forgetUnread(connection)
    connection.closed()
  }

  #forgetUnread(connection: Connection): void {
    this.#unreadBytes -= this.#unread.get(connection) ?? 0
    this.#unread.delete(connection)
  }
}
