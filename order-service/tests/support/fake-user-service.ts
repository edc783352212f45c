import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signToken, type SigningKey } from '@tandem/chassis/auth/signing-key'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { EventFeed } from '@tandem/chassis/events/event-feed'
import { realSystem, type System } from '@tandem/chassis/system'
import { afterThisTest } from '../../../chassis/testing/temporary'
import { temporarySqlite } from '../../../chassis/testing/temporary-sqlite'
import { newSigningKey } from '../../../chassis/testing/tokens'

export interface SeenRequest {
  method: string
  userId: string
  orderId: string
  body: unknown
  authorization: string | undefined
  requestId: string | undefined
}

interface Hold {
  userId: string
  amountCents: number
  state: 'held' | 'refused' | 'released'
}

interface Reply {
  status: number
  body?: unknown
}

/** What a test may have it do instead: answer something else, or never answer and cut the connection. */
export type Fault = Reply | 'cut' | 'silence' | undefined

/** A small real server that answers as the contract says user-service does, with books of its own. */
export class FakeUserService {
  readonly credit = new Map<string, number>()
  readonly holds = new Map<string, Hold>()
  readonly requests: SeenRequest[] = []
  /** Asked before a request is worked on, and after: what it answers is sent instead. */
  before: (request: SeenRequest) => Fault | Promise<Fault> = () => undefined
  after: (request: SeenRequest) => Fault | Promise<Fault> = () => undefined
  port = 0
  #server: Server | undefined
  readonly #feed: EventFeed

  private constructor(
    readonly signingKey: SigningKey,
    private readonly database: Database,
  ) {
    this.#feed = new EventFeed({ source: '/user-service', database, system: realSystem })
  }

  static async start(): Promise<FakeUserService> {
    const database = await temporarySqlite(chassisMigrations) // quick, and what is tested has a database of its own
    const fake = new FakeUserService(await newSigningKey(), database)
    await fake.listen()
    afterThisTest(() => fake.stop())
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Takes up again, on the port that it had. */
  async listen(): Promise<void> {
    const server = createServer((req, res) => void this.#answer(req, res))
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  /** A user with that much credit. */
  user(creditCents = 100_000): string {
    const id = realSystem.newId()
    this.credit.set(id, creditCents)
    return id
  }

  token(subject: string, system: System = realSystem): Promise<string> {
    return signToken(this.signingKey, system, {
      issuer: 'user-service',
      subject,
      audience: ['user-service', 'order-service'],
      scope: subject === 'admin' ? 'admin' : 'user',
      lifetimeSeconds: 900,
    })
  }

  /** Tells in its feed what happened to a user. */
  async publish(type: string, data: { id: string; name?: string | null; version?: number }): Promise<void> {
    await this.database.write((tx) => appendEvent(tx, realSystem, { type, subject: data.id, data }))
  }

  /** What is held now, by order. */
  held(): Record<string, number> {
    const held = [...this.holds].filter(([, { state }]) => state === 'held')
    return Object.fromEntries(held.map(([orderId, { amountCents }]) => [orderId, amountCents]))
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.url === '/.well-known/jwks.json') {
      send(res, { status: 200, body: { keys: [this.signingKey.publicJwk] } })
      return
    }
    if (req.url?.startsWith('/events')) {
      await this.#tell(new URL(req.url, this.url).searchParams, res)
      return
    }
    const [, , userId = '', , orderId = ''] = (req.url ?? '').split('/')
    const text = await read(req)
    const request: SeenRequest = {
      method: req.method ?? '',
      userId,
      orderId,
      body: text === '' ? undefined : JSON.parse(text),
      authorization: req.headers.authorization,
      requestId: req.headers['x-request-id'] as string | undefined,
    }
    this.requests.push(request)
    const reply = (await this.before(request)) ?? this.#decide(request)
    const fault = typeof reply === 'string' ? reply : await this.after(request)
    if (fault === 'silence' || reply === 'silence') return
    if (fault === 'cut' || reply === 'cut') res.destroy()
    else send(res, fault ?? reply) // the words are dealt with above
  }

  async #tell(query: URLSearchParams, res: ServerResponse): Promise<void> {
    const lastEventId = query.get('lastEventId')
    const after = lastEventId === null ? 0 : await this.#feed.numberOf(lastEventId)
    if (after === undefined) {
      const errors = [{ pointer: '/query/lastEventId', detail: 'there is no such event' }]
      send(res, { status: 400, body: { code: 'invalid-request', errors } })
      return
    }
    const request = { after, limit: Number(query.get('limit')) }
    const connection = new AbortController()
    res.once('close', () => connection.abort())
    const reader = { signal: connection.signal, releaseSlot: () => undefined }
    const page = await this.#feed.read(request, Number(query.get('timeout')), reader)
    res.setHeader('Remaining-Events', page.remaining)
    send(res, { status: 200, body: page.json })
  }

  #decide(request: SeenRequest): Reply {
    const { method, userId, orderId, body } = request
    if (method === 'POST') return this.#decideAll(request)
    const hold = this.holds.get(orderId)
    if (method === 'DELETE') return this.#release(userId, orderId, hold)
    const credit = this.credit.get(userId)
    if (credit === undefined) return problem(404, 'user-not-found')
    const { amountCents } = body as { amountCents: number }
    if (hold?.state === 'released') return problem(409, 'hold-released')
    if (hold?.state === 'refused') return problem(402, 'insufficient-credit')
    if (hold && (hold.userId !== userId || hold.amountCents !== amountCents)) return problem(409, 'hold-mismatch')
    if (hold) return { status: 200, body: { orderId, userId, amountCents } }
    const enough = credit >= amountCents
    this.holds.set(orderId, { userId, amountCents, state: enough ? 'held' : 'refused' })
    if (!enough) return problem(402, 'insufficient-credit')
    this.credit.set(userId, credit - amountCents)
    return { status: 201, body: { orderId, userId, amountCents } }
  }

  #decideAll(request: SeenRequest): Reply {
    const { holds } = request.body as { holds: { orderId: string; userId: string; amountCents: number }[] }
    const decisions = holds.map(({ orderId, userId, amountCents }) => {
      const { status, body } = this.#decide({ ...request, method: 'PUT', orderId, userId, body: { amountCents } })
      return { orderId, decision: status < 400 ? 'held' : (body as { code: string }).code }
    })
    return { status: 200, body: { decisions } }
  }

  #release(userId: string, orderId: string, hold: Hold | undefined): Reply {
    if (hold?.state === 'held') {
      if (hold.userId !== userId) return problem(409, 'hold-mismatch')
      this.credit.set(userId, (this.credit.get(userId) ?? 0) + hold.amountCents)
      hold.state = 'released'
    }
    if (hold === undefined) this.holds.set(orderId, { userId, amountCents: 0, state: 'released' })
    return { status: 204 }
  }
}

function problem(status: number, code: string): Reply {
  return { status, body: { type: `/problems/${code}`, title: code, status, detail: code, code, requestId: 'fake' } }
}

function send(res: ServerResponse, { status, body }: Reply): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  res.writeHead(status, { 'content-type': type })
  res.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
}

async function read(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += String(chunk)
  return text
}
