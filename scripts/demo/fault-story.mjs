import { randomUUID } from 'node:crypto'
import { request } from '../request.mjs'
import { countOrders } from './count-orders.mjs'
import { mustBe, Shopper, tokenFor } from './shopper.mjs'
import { pick } from './stage.mjs'

const maxOrdersToOpen = 5
const moreOrders = 5

/** The same story with the fault switches: it freezes user-service by `PUT /faults`, and always thaws it. */
export async function faultStory(stage, { users, orders, readAdminKey }) {
  await mustBe('user-service', users)
  await mustBe('order-service', orders)
  await mustHaveChaos(users)
  const adminKey = await readAdminKey()
  stage.say(`user-service at ${users}, order-service at ${orders}`)
  const shopper = await Shopper.signUp(stage, { users, orders })

  stage.title("Get a token with the administrator's key. A frozen user-service would issue none")
  const token = await tokenFor(adminKey, stage, { users })
  const status = async () => (await stage.ask('GET', `${orders}/status`, { token })).body
  const acknowledged = []
  const order = async (expected, key = `demo-${randomUUID()}`) => {
    const { body, headers, tookMs } = await shopper.order({ key, expected })
    acknowledged.push(body.id)
    stage.show({ ...pick(body, 'id', 'status'), took: `${tookMs} ms` })
    return { key, id: body.id, isReplayed: headers['idempotent-replayed'] === 'true' }
  }

  stage.title('Order a keyboard: it is confirmed at once')
  await order(201)

  stage.title('Freeze user-service: its requests wait')
  const thaw = () => stage.ask('DELETE', `${users}/faults`, { token })
  const isThawed = stage.undoAtTheEnd(thaw)
  const { body: faults } = await stage.ask('PUT', `${users}/faults`, { token, body: { frozen: true } })
  stage.show(pick(faults, 'frozen', 'endsAt'))

  stage.title('Order again: order-service tries for three seconds, and stores the order as pending')
  const pending = await order(202)

  stage.title('Repeat the request, as a caller that got no response does: it is the same order')
  const again = await order(202, pending.key)
  stage.show({ 'Idempotent-Replayed': again.isReplayed })

  stage.title('Go on ordering until the circuit to user-service opens')
  for (let n = 1; (await circuit(status)).state === 'closed'; n++) {
    if (n > maxOrdersToOpen) throw new Error(`the circuit is still closed after ${maxOrdersToOpen} more orders`)
    await order(202)
  }
  const open = await stage.until('the circuit is open', async () => openOnly(await circuit(status)), 200)
  stage.show(pick(open, 'upstream', 'state', 'probesAt'))

  stage.title('Order more: while the circuit is open, the response comes at once')
  for (let n = 0; n < moreOrders; n++) await order(202)
  stage.show({ unfinished: JSON.stringify((await status()).unfinished) })

  stage.title('Thaw user-service')
  stage.show(pick((await thaw()).body, 'frozen'))
  isThawed()

  stage.title('Watch all of them settle on their own')
  const settled = await stage.until('all orders are settled', async () => {
    const { body } = await shopper.readOrders()
    return body.some(({ status: of }) => of === 'pending') ? undefined : body
  })
  stage.show(countOrders(acknowledged, settled))
  const spent = settled.reduce((sum, { totalCents }) => sum + totalCents, 0)
  const { body: me } = await shopper.read()
  stage.show(pick(me, 'creditCents'))
  if (me.creditCents !== shopper.user.creditCents - spent) throw new Error('the credit does not match the orders')
}

/** Without a token: a route that exists is refused, any other is not found. */
async function mustHaveChaos(users) {
  const { status } = await request(`${users}/faults`)
  if (status !== 404) return
  throw new Error('user-service has no faults to switch on: CHAOS is off. Start it with CHAOS=on.')
}

async function circuit(status) {
  const { circuits } = await status()
  return circuits.find(({ upstream }) => upstream === 'user-service')
}

function openOnly(found) {
  return found.state === 'open' ? found : undefined
}
