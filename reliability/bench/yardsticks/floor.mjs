/**
 * A yardstick: the least that is honest. node:http and node:sqlite, no framework, no authentication. The order is on disk
 * before the user service is called, the hold is on disk before that responds, and the outcome is on disk before the
 * caller gets it.
 *   node floor.mjs users PORT FILE · node floor.mjs orders PORT FILE USERS_PORT
 */
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import http from 'node:http'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers'

const [role, port, file, usersPort] = process.argv.slice(2)
const database = new DatabaseSync(file)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
const respond = role === 'users' ? users() : orders()

http
  .createServer((request, response) => {
    const send = (status, body, headers) => {
      const json = JSON.stringify(body)
      const length = Buffer.byteLength(json)
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers }).end(json)
    }
    if (request.url === '/health/ready') send(200, { status: 'ready' })
    else void respond(request, send)
  })
  .listen(Number(port), '127.0.0.1')

/** Writes that are asked for in one turn of the event loop share one commit. */
function sharedCommits() {
  let waiting = []
  const [begin, commit] = [database.prepare('BEGIN IMMEDIATE'), database.prepare('COMMIT')]

  function commitAll() {
    const units = waiting
    waiting = []
    begin.run()
    const results = units.map(({ unit }) => unit())
    commit.run()
    for (const [i, { resolve }] of units.entries()) resolve(results[i])
  }

  return (unit) =>
    new Promise((resolve) => {
      waiting.push({ unit, resolve })
      if (waiting.length === 1) setImmediate(commitAll)
    })
}

function users() {
  database.exec(`
    CREATE TABLE users (id TEXT PRIMARY KEY, credit_cents INTEGER NOT NULL CHECK (credit_cents >= 0)) STRICT;
    CREATE TABLE holds (order_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, amount_cents INTEGER NOT NULL) STRICT;
    INSERT INTO users VALUES ('ada', ${Number.MAX_SAFE_INTEGER});`)
  const take = database.prepare('UPDATE users SET credit_cents = credit_cents - ? WHERE id = ? AND credit_cents >= ?')
  const hold = database.prepare('INSERT INTO holds VALUES (?, ?, ?)')
  const write = sharedCommits()

  return async (request, send) => {
    const [, , userId, , orderId] = request.url.split('/') // /users/:id/holds/:orderId
    const { amountCents } = JSON.parse(await text(request))
    const isHeld = await write(() => {
      if (take.run(amountCents, userId, amountCents).changes === 0) return false
      hold.run(orderId, userId, amountCents)
      return true
    })
    send(isHeld ? 200 : 402, { orderId, amountCents })
  }
}

function orders() {
  database.exec(`
    CREATE TABLE orders (
      id TEXT PRIMARY KEY, user_id TEXT NOT NULL, items TEXT NOT NULL, total_cents INTEGER NOT NULL,
      status TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
    CREATE TABLE events (sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, order_id TEXT NOT NULL) STRICT;`)
  const insert = database.prepare("INSERT INTO orders VALUES (?, ?, ?, ?, 'pending', ?)")
  const settle = database.prepare('UPDATE orders SET status = ? WHERE id = ?')
  const append = database.prepare('INSERT INTO events (type, order_id) VALUES (?, ?)')
  const find = database.prepare('SELECT * FROM orders WHERE id = ?')
  const write = sharedCommits()
  const holdCredit = creditHolder()
  const prices = { cable: 1299, keyboard: 4999 }

  async function place(request, send) {
    const { userId, items } = JSON.parse(await text(request))
    const totalCents = items.reduce((sum, { productId, quantity }) => sum + prices[productId] * quantity, 0)
    const [id, createdAt] = [randomUUID(), new Date().toISOString()]
    await write(() => insert.run(id, userId, JSON.stringify(items), totalCents, createdAt))
    const isHeld = await holdCredit(userId, id, totalCents)
    const status = isHeld ? 'confirmed' : 'rejected'
    await write(() => {
      settle.run(status, id)
      append.run(`order.${status}`, id)
    })
    const order = { id, userId, items, totalCents, status, createdAt }
    send(isHeld ? 201 : 402, order, { location: `/orders/${id}` })
  }

  function show(request, send) {
    const row = find.get(request.url.slice('/orders/'.length))
    if (row === undefined) return send(404, { error: 'no such order' })
    const { id, user_id: userId, items, total_cents: totalCents, status, created_at: createdAt } = row
    return send(200, { id, userId, items: JSON.parse(items), totalCents, status, createdAt })
  }

  return (request, send) => (request.method === 'POST' ? place(request, send) : show(request, send))
}

function creditHolder() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  return (userId, orderId, amountCents) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ amountCents })
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const path = `/users/${userId}/holds/${orderId}`
      const outgoing = http.request({ agent, host: '127.0.0.1', port: usersPort, method: 'PUT', path, headers })
      outgoing.on('response', (incoming) => {
        incoming.on('error', reject).on('end', () => resolve(incoming.statusCode === 200))
        incoming.resume()
      })
      outgoing.on('error', reject).end(body)
    })
}
