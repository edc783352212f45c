import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signToken, type SigningKey } from '@tandem/chassis/auth/signing-key'
import { realSystem } from '@tandem/chassis/system'
import { newSigningKey } from '@tandem/chassis/testing/tokens'
import { afterThisTest } from '@tandem/chassis/testing/temporary'

/** A small real server that responds as user-service does: with its keys, and with users by their id. */
export class FakeUserService {
  readonly #names = new Map<string, string>()
  /** What it responds to questions about users instead, if it is set. */
  status: number | undefined
  /** The `Authorization` of each question. */
  readonly authorizations: (string | undefined)[] = []
  readonly #server: Server

  private constructor(private readonly signingKey: SigningKey) {
    this.#server = createServer((req, res) => {
      if (req.url === '/.well-known/jwks.json') {
        send(res, 200, { keys: [signingKey.publicJwk] })
        return
      }
      this.authorizations.push(req.headers.authorization)
      const id = req.url?.split('/')[2] ?? ''
      const name = this.#names.get(id)
      if (this.status !== undefined) send(res, this.status, {})
      else if (name === undefined) send(res, 404, { code: 'user-not-found' })
      else send(res, 200, { id, name })
    })
  }

  static async start(): Promise<FakeUserService> {
    const fake = new FakeUserService(await newSigningKey())
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    afterThisTest(() => fake.stop())
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** A user of that name. */
  user(name: string): string {
    const id = realSystem.newId()
    this.#names.set(id, name)
    return id
  }

  token(subject: string, { scope = 'user', audience = 'greeting-service' } = {}): Promise<string> {
    const claims = { issuer: 'user-service', subject, audience: [audience], scope, lifetimeSeconds: 900 }
    return signToken(this.signingKey, realSystem, claims)
  }
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
  res.end(JSON.stringify(body))
}
