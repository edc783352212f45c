import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SigningKey } from '../../chassis/src/auth/signing-key'

/** Stands between a service and the other one, and adds a key to those that the other one publishes, until it is withdrawn. */
export class KeyRelay {
  /** The port of the service behind it. */
  target = 0
  /** The key that the service behind is said to have too. */
  added: SigningKey | undefined
  readonly #server: Server

  constructor() {
    this.#server = createServer((req, res) => {
      if (req.url?.endsWith('/jwks.json')) {
        void this.#keys().then((keys) => res.setHeader('Content-Type', 'application/json').end(keys))
        return
      }
      const { method, url, headers } = req
      const passed = request({ host: '127.0.0.1', port: this.target, method, path: url, headers }, (response) => {
        res.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(res)
      })
      passed.on('error', () => res.destroy())
      req.pipe(passed)
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #keys(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.target}/.well-known/jwks.json`).catch(() => undefined)
    const { keys } = response ? ((await response.json()) as { keys: unknown[] }) : { keys: [] }
    return JSON.stringify({ keys: this.added ? [...keys, this.added.publicJwk] : keys })
  }
}
