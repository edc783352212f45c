import { randomUUID } from 'node:crypto'
import type { Answer, Request } from '../../harness/ask'
import type { ServiceName } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'
import type { ScaleStack } from '../../harness/scale-stack'

/** Signs up and orders through the gateway. */
export function scaleShop({ ask }: Pick<ScaleStack, 'ask'>) {
  async function expectAnswer(status: number, service: ServiceName, request: Request): Promise<Answer> {
    const answer = await ask(service, request)
    expect(answer).toMatchObject({ status })
    return answer
  }

  async function signUp(): Promise<{ id: string; token: string }> {
    const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
    const { body: user } = await expectAnswer(201, 'user-service', { method: 'POST', path: '/users', body })
    const tokens = await expectAnswer(200, 'user-service', { method: 'POST', path: '/tokens', token: user.apiKey })
    return { id: user.id, token: tokens.body.accessToken }
  }

  /** An order, once it is confirmed: a replica may still take user-service for stopped. */
  async function confirmed({ token }: { token: string }): Promise<Answer['body']> {
    const body = { items: [{ productId: 'keyboard', quantity: 1 }] }
    const placed = await ask('order-service', { method: 'POST', path: '/orders', token, key: randomUUID(), body })
    return eventually(10_000, 'the order is confirmed', async () => {
      const order = await expectAnswer(200, 'order-service', { path: `/orders/${placed.body.id}`, token })
      return order.body.status === 'confirmed' ? order.body : undefined
    })
  }

  return { expectAnswer, signUp, confirmed }
}
