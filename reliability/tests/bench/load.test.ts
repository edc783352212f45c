import { connections, load, requestText } from '../../bench/load'
import { temporaryServer } from '../../../chassis/testing/server'

const request = requestText({ method: 'POST', path: '/orders', token: 'secret', body: { name: 'Zoë' } })

test('sends exactly the given number of requests, whole ones, on 64 connections that stay open', async () => {
  const sockets = new Set()
  const bodies: string[] = []
  const { port } = await temporaryServer((req, res) => {
    sockets.add(req.socket)
    let body = `${req.headers.authorization} `
    req.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    req.on('end', () => {
      bodies.push(body)
      res.writeHead(201, { 'content-length': 5 }).write('he')
      setImmediate(() => res.end('llo')) // in two chunks
    })
  })
  const { requests, rate, seconds, p50Ms, p99Ms } = await load({ port, request, requests: 500 })
  expect([requests, bodies.length, sockets.size]).toEqual([500, 500, connections])
  expect(new Set(bodies)).toEqual(new Set(['Bearer secret {"name":"Zoë"}']))
  expect(rate).toBe(500 / seconds)
  expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
})

test('stops when the time is over', async () => {
  const { port } = await temporaryServer((_req, res) => res.end('ok'))
  const began = performance.now()
  const { seconds } = await load({ port, request, seconds: 0.2 })
  expect(seconds).toBeGreaterThanOrEqual(0.2)
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('measures nothing if a response was not 2xx, and says what it was', async () => {
  let count = 0
  const { port } = await temporaryServer((_req, res) => {
    res.statusCode = ++count === 100 ? 503 : 200
    res.end('overloaded')
  })
  const measuring = load({ port, request, requests: 300 })
  await expect(measuring).rejects.toThrow('POST /orders: 1 of 300 responses were not 2xx; the first: 503 overloaded')
})

test('does not count an order that is confirmed later', async () => {
  let count = 0
  const { port } = await temporaryServer((_req, res) => {
    res.statusCode = ++count <= 250 ? 202 : 201
    res.end('{}')
  })
  const { requests, accepted, rate, seconds } = await load({ port, request, requests: 300 })
  expect([requests, accepted, rate]).toEqual([300, 250, 50 / seconds])
})

test('opens a new connection if the server ends one after a response', async () => {
  const sockets = new Set()
  const { port } = await temporaryServer((req, res) => {
    sockets.add(req.socket)
    res.setHeader('connection', 'close')
    res.end('ok')
  })
  expect(await load({ port, request, requests: 100 })).toMatchObject({ requests: 100 })
  expect(sockets.size).toBe(100)
})

test('measures nothing if a connection ends without a response', async () => {
  let count = 0
  const { port } = await temporaryServer((req, res) => {
    if (++count === 100) req.socket.destroy()
    else res.end('ok')
  })
  await expect(load({ port, request, requests: 300 })).rejects.toThrow(
    'POST /orders: the connection was closed before the response',
  )
})
