import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SigningKey } from '@tandem/chassis/auth/signing-key'
import { afterThisTest } from '../../../chassis/testing/temporary'
import { newSigningKey } from '../../../chassis/testing/tokens'

/** order-service, as far as user-service knows it: its keys, at an address of its own. */
export async function orderService(): Promise<{
  key: SigningKey
  jwksUrl: string
  server: Server
  asked: () => string[]
  /** Publishes another key in place of the one before, and returns it. */
  changeKey: () => Promise<SigningKey>
}> {
  let key = await newSigningKey()
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(req.url ?? '')
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [key.publicJwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    key,
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys?v=1`,
    server,
    asked: () => asked,
    changeKey: async () => (key = await newSigningKey()),
  }
}
