import { randomUUID } from 'node:crypto'
import { findStack } from '../find-stack.mjs'
import { request } from '../request.mjs'
import { mustBe, Shopper } from './shopper.mjs'
import { pick } from './stage.mjs'

/** The walk-through of the docs. It stops user-service in between, and always starts it again. */
export async function stopStory(stage, { users, orders, userPort }) {
  await mustBe('user-service', users)
  await mustBe('order-service', orders)
  const stack = await findStack(userPort)
  stage.say(`user-service at ${users}, order-service at ${orders}, run by ${stack.runsBy}`)
  const shopper = await Shopper.signUp(stage, { users, orders })

  stage.title('Order two keyboards: user-service holds the credit')
  const first = await shopper.order({ quantity: 2, expected: 201 })
  stage.show(pick(first.body, 'id', 'totalCents', 'status'))
  await shopper.showTimeline(first.body.id)

  stage.title('Cancel it: the credit is released')
  stage.show(pick((await shopper.cancel(first.body.id)).body, 'status', 'reason'))
  stage.show(pick((await shopper.read()).body, 'creditCents'))

  stage.title('Stop user-service')
  const startAgain = async () => {
    stage.say(`  $ ${stack.starting}`)
    await stack.start()
    await stage.until('user-service is ready', async () => (await isReady(users)) || undefined)
    stage.say(`  GET ${users}/health/ready\n  200`)
  }
  const isStarted = stage.undoAtTheEnd(startAgain)
  stage.say(`  $ ${stack.stopping}`)
  await stack.stop()
  stage.say(`  GET ${users}/health/ready\n  ${(await isReady(users)) ? '200' : 'no response'}`)

  stage.title('order-service is still ready and accepts an order: it is stored as pending')
  stage.show(pick((await stage.ask('GET', `${orders}/health/ready`)).body, 'status', 'service'))
  const key = `demo-${randomUUID()}`
  const second = await shopper.order({ key, expected: 202 })
  stage.show(pick(second.body, 'id', 'totalCents', 'status'))

  stage.title('Repeat the request: it returns the same order')
  const again = await shopper.order({ key, expected: 202 })
  stage.show({ 'Idempotent-Replayed': again.headers['idempotent-replayed'], ...pick(again.body, 'id', 'status') })
  if (again.body.id !== second.body.id) throw new Error('the same key made two orders')

  stage.title('Start user-service')
  await startAgain()
  isStarted()

  stage.title('Watch the order settle on its own')
  const settled = await stage.until('the order is settled', async () => {
    const { body } = await shopper.readOrder(second.body.id)
    return body.status === 'pending' ? undefined : body
  })
  stage.show(pick(settled, 'id', 'status'))
  if (settled.status !== 'confirmed') throw new Error(`the order is ${settled.status}, not confirmed`)
  await shopper.showTimeline(settled.id)
  stage.show(pick((await shopper.read()).body, 'creditCents'))
}

function isReady(url) {
  return request(`${url}/health/ready`, { timeoutMs: 1_000 }).then(
    ({ status }) => status === 200,
    () => false,
  )
}
