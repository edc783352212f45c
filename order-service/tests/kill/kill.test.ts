import { eventually, temporaryFolder } from '../../../chassis/testing/temporary'
import { FakeUserService } from '../support/fake-user-service'
import { keyboard } from '../support/order-app'
import { dyingIn, killable, nextLife, type Life } from './lives'

async function post(url: string, token: string, body: object, key: string): Promise<Response | undefined> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined)
}

async function list(url: string, token: string): Promise<{ id: string; status: string }[]> {
  const answer = await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${token}` } })
  return (await answer.json()) as { id: string; status: string }[]
}

/** Another process settles an order of one that was killed once the claim of that one is over. */
const maxMs = 15_000

const points: [string, string][] = [
  ['before the first commit', 'commit:1'],
  ['before user-service is asked', 'send'],
  ['while user-service has not done it yet', 'asked'],
  ['after user-service has done it', 'answered'],
  ['before the second commit', 'commit:2'],
  ['before the caller is answered', 'reply'],
]

/** Two of the points lie in user-service: it kills whoever asks. */
function killFrom(fake: FakeUserService, { child }: Life, point: string): void {
  const kill = () => {
    fake.before = fake.after = () => undefined
    child.kill('SIGKILL')
    return 'cut' as const
  }
  if (point === 'asked') fake.before = kill
  if (point === 'answered') fake.after = kill
}

describe('order-service killed while it places an order', () => {
  it.each(points)('%s: loses nothing and holds the credit once', async (_, point) => {
    const folder = temporaryFolder()
    const fake = await FakeUserService.start()
    const userId = fake.user(10_000)
    const token = await fake.token(userId)
    const life = await killable(folder, fake, point)
    expect(await list(life.url, token)).toEqual([]) // keeps the keys that tokens are checked by, which is a commit too
    killFrom(fake, life, point)
    await dyingIn(life, () => post(`${life.url}/orders`, token, keyboard, 'kill-order-1'))

    const url = await nextLife(folder, fake)
    if (point === 'commit:1') {
      expect(await list(url, token)).toEqual([]) // nothing was stored, nobody was asked, nobody was told
      expect(fake.held()).toEqual({})
    } else {
      await eventually(async () => (await list(url, token))[0]?.status === 'confirmed', maxMs)
    }

    const retried = await post(`${url}/orders`, token, keyboard, 'kill-order-1')
    expect(retried?.status).toBe(201)
    const orders = await list(url, token)
    expect(orders).toMatchObject([{ status: 'confirmed' }])
    expect(fake.held()).toEqual({ [orders[0]!.id]: 4999 })
    expect(fake.credit.get(userId)).toBe(10_000 - 4999)
  })
})

describe('order-service killed while it cancels an order', () => {
  it.each(points)('%s: ends as if it had not been killed', async (_, point) => {
    const folder = temporaryFolder()
    const fake = await FakeUserService.start()
    const userId = fake.user(10_000)
    const token = await fake.token(userId)
    const life = await killable(folder, fake, point)
    const placed = (await (await post(`${life.url}/orders`, token, keyboard, 'kill-cancel-1'))?.json()) as {
      id: string
    }
    killFrom(fake, life, point)
    await dyingIn(life, () => post(`${life.url}/orders/${placed.id}/cancel`, token, {}, 'unused-key'))

    const url = await nextLife(folder, fake)
    const expected = point === 'commit:1' ? 'confirmed' : 'cancelled' // before it nobody had written the wish down
    await eventually(async () => (await list(url, token))[0]?.status === expected, maxMs)
    expect(fake.credit.get(userId)).toBe(expected === 'cancelled' ? 10_000 : 10_000 - 4999)

    const again = await post(`${url}/orders/${placed.id}/cancel`, token, {}, 'unused-key')
    expect(again?.status).toBe(200)
    expect(fake.held()).toEqual({})
    expect(fake.credit.get(userId)).toBe(10_000)
  })
})
