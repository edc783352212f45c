/**
 * A yardstick: two services as a tutorial writes them. Express, everything in memory, no authentication, one fetch from
 * the order service to the user service.
 *   node naive.mjs users PORT · node naive.mjs orders PORT USERS_PORT
 */
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import express from 'express'

const [role, port, usersPort] = process.argv.slice(2)
const app = express()
app.use(express.json())
app.get('/health/ready', (req, res) => res.json({ status: 'ready' }))
if (role === 'users') serveUsers()
else serveOrders()
app.listen(Number(port), '127.0.0.1')

function serveUsers() {
  const users = new Map([['ada', { id: 'ada', name: 'Ada', creditCents: Number.MAX_SAFE_INTEGER }]])

  app.post('/users/:id/charges', (req, res) => {
    const user = users.get(req.params.id)
    if (user === undefined) return res.status(404).json({ error: 'no such user' })
    const { amountCents } = req.body
    if (user.creditCents < amountCents) return res.status(402).json({ error: 'not enough credit' })
    user.creditCents -= amountCents
    return res.json(user)
  })
}

function serveOrders() {
  const orders = new Map()
  const prices = { cable: 1299, keyboard: 4999 }

  app.post('/orders', async (req, res) => {
    const { userId, items } = req.body
    const totalCents = items.reduce((sum, { productId, quantity }) => sum + prices[productId] * quantity, 0)
    const charge = await globalThis.fetch(`http://127.0.0.1:${usersPort}/users/${userId}/charges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ amountCents: totalCents }),
    })
    const charged = await charge.json()
    if (!charge.ok) return res.status(charge.status).json(charged)
    const createdAt = new Date().toISOString()
    const order = { id: randomUUID(), userId, items, totalCents, status: 'confirmed', createdAt }
    orders.set(order.id, order)
    return res.status(201).location(`/orders/${order.id}`).json(order)
  })

  app.get('/orders/:id', (req, res) => {
    const order = orders.get(req.params.id)
    return order === undefined ? res.status(404).json({ error: 'no such order' }) : res.json(order)
  })
}
