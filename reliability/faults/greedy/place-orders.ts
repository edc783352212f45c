import type { FaultContext } from '../fault'
import type { User } from '../load/callers'
import { rawLoad, rawRequest } from '../load/raw-load'

const maxSeconds = 240
const allProducts = ['cable', 'desk-lamp', 'headphones', 'keyboard', 'laptop-stand', 'monitor', 'mouse', 'webcam']

/**
 * Each of the users places so many orders, of all products, over a connection of its own. Throws if one is refused. The
 * journal says that they are the owner's, if there is one.
 */
export async function placeOrders(
  context: Pick<FaultContext, 'stack' | 'journal' | 'over'>,
  users: readonly User[],
  each: number,
  owner?: User,
): Promise<void> {
  const body = { items: allProducts.map((productId) => ({ productId, quantity: 1 })) }
  const { statuses, created } = await rawLoad(context, 'order-service', {
    requests: users.map(({ token }) => rawRequest({ method: 'POST', path: '/orders', token, body })),
    connections: users.length,
    inOneWrite: 1,
    writes: each,
    reads: true,
    seconds: maxSeconds,
  })
  for (const { request, status, location } of created) {
    const userId = (owner ?? users[request])?.id ?? ''
    context.journal.add({
      kind: 'order',
      id: location.replace('/orders/', ''),
      userId,
      status: status === 201 ? 'confirmed' : 'pending',
    })
  }
  if (created.length !== users.length * each) throw new Error(`orders were answered ${JSON.stringify(statuses)}`)
}
