import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Buyers } from '../../k8s/e2e/buyers'

test('a buyer of e2e:k8s repeats an order with its key after a 503, and signs up again once the credit is used up', async () => {
  const asked: string[] = []
  const statuses = [503, 201, 402]
  const answer = ({ url = '', headers }: IncomingMessage) => {
    asked.push(url)
    if (!url.endsWith('/orders')) return { status: 201, key: '' }
    const status = statuses.shift() ?? 201
    return { status, key: String(headers['idempotency-key']) }
  }
  const keys: string[] = []
  const enough = Promise.withResolvers<true>()
  const server = createServer((req, res) => {
    const { status, key } = answer(req)
    if (key !== '') keys.push(key)
    res.writeHead(status).end(JSON.stringify({ apiKey: 'key', accessToken: 'token' }))
    if (keys.length === 4) enough.resolve(true)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const buyers = new Buyers((server.address() as AddressInfo).port)
  buyers.start(1)
  await enough.promise
  await buyers.stop()
  server.close()
  expect(keys[0]).toBe(keys[1])
  expect(new Set(keys).size).toBe(3)
  expect(asked.filter((url) => url.endsWith('/users'))).toHaveLength(2)
  expect(buyers).toMatchObject({ acknowledged: 2, repeated: 1 })
  expect([...buyers.unexpected]).toEqual([])
})
