import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { FakeServices, type Lies } from '../../console/tests/support/fake-services'
import { root } from './compose-project'

const dist = join(root, 'console/dist')
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

export function buildConsole(): void {
  execFileSync('npm', ['run', 'build', '-w', '@tandem/console'], { cwd: root, stdio: 'ignore' })
}

/** The console, as it was built, in front of services that may lie about orders. */
export async function serveFakeConsole(lies: Lies = {}): Promise<{ url: string; close: () => void }> {
  const services = new FakeServices(lies)
  const server = createServer((req, res) => {
    const path = req.url ?? '/'
    const file = join(dist, path === '/' ? 'index.html' : path)
    if (!path.includes('-service/') && existsSync(file)) {
      res.setHeader('Content-Type', types[extname(file)] ?? '').end(readFileSync(file))
      return
    }
    const token = (req.headers.authorization ?? '').replace('Bearer ', '')
    const key = String(req.headers['idempotency-key'] ?? '')
    const { status, body } = services.respond({ method: req.method ?? '', path, token, key })
    if (status === 0) res.destroy()
    else res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
