import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands before user-service, and keeps what order-service sends beside its requests. */
export async function recordingRelay() {
  let target = 0
  let token = ''
  const traced: string[] = []
  const server = createServer((req, res) => {
    const { method, url, headers } = req
    const { authorization = '', ...others } = headers
    if (authorization !== '') token = authorization.replace('Bearer ', '')
    traced.push(`${url} ${JSON.stringify(others)}`)
    const passed = request(
      { host: '127.0.0.1', port: target, method, path: url, headers, agent: false },
      (response) => {
        res.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(res)
      },
    )
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    passTo: (port: number) => {
      target = port
    },
    /** Of order-service, as it was last sent. */
    token: () => token,
    traced: () => traced.join('\n'),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
