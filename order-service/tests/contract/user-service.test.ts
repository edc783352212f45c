import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { TokenSource } from '@tandem/chassis/auth/token-source'
import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { afterThisTest } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { onlyKey } from '../../../chassis/testing/tokens'
import { creditOf } from '../../../user-service/tests/support/stored'
import { testUsers } from '../../../user-service/tests/support/user-app'
import { UserClient } from '../../src/users/user-client'

/** What order-service expects of user-service, held against user-service's real app, over HTTP. */
async function realUsers() {
  const provider = await testUsers({ signupCreditCents: 10_000 })
  const server = createServer(provider.app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const transport = httpTransport({ baseUrl }, realSystem)
  afterThisTest(() => {
    transport.close()
    server.close()
  })
  const parties = { service: 'order-service', audience: 'user-service' }
  const tokens = new TokenSource(onlyKey(provider.orderServiceKey), parties, realSystem)
  const client = new UserClient(new UpstreamClient(transport, realSystem), tokens, silentLog)
  const user = await provider.signUp()
  const order = { id: realSystem.newId(), userId: user.id, totalCents: 4999 }
  return {
    provider,
    client,
    transport,
    user,
    order,
    options: { deadline: performance.now() + 3000, requestId: 'contract' },
  }
}

describe('A request to user-service to hold credit for a hundred orders', () => {
  it('is as large as it may be, and returns what each would get alone', async () => {
    const { provider, client, user, order, options } = await realUsers()
    const totals = Array.from({ length: 99 }, (_, i) => (i % 2 ? 1_000_000_000 : 1))
    const orders = [...totals.map((totalCents) => ({ ...order, id: realSystem.newId(), totalCents }))]
    const unknown = { ...order, userId: realSystem.newId() }
    const outcomes = await client.holdAll([...orders, unknown], options)
    expect(outcomes).toEqual([
      ...totals.map((cents) => (cents === 1 ? 'held' : 'insufficient-credit')),
      'user-not-found',
    ])
    expect(await creditOf(provider.database, user.id)).toBe(10_000 - 50)
  })
})

describe('A request to user-service to hold credit', () => {
  it('returns held, and the same if it is repeated', async () => {
    const { client, order, options } = await realUsers()
    expect(await client.hold(order, options)).toBe('held')
    expect(await client.hold(order, options)).toBe('held')
  })

  it('returns insufficient credit, and the same if it is repeated', async () => {
    const { client, order, options } = await realUsers()
    const dear = { ...order, totalCents: 10_001 }
    expect(await client.hold(dear, options)).toBe('insufficient-credit')
    expect(await client.hold(dear, options)).toBe('insufficient-credit')
  })

  it('returns user not found for an unknown user', async () => {
    const { client, order, options } = await realUsers()
    expect(await client.hold({ ...order, userId: realSystem.newId() }, options)).toBe('user-not-found')
  })

  it('returns released if the release came first', async () => {
    const { client, order, options } = await realUsers()
    await client.release(order, options)
    expect(await client.hold(order, options)).toBe('hold-released')
  })

  it('is undecided if another amount is held', async () => {
    const { client, order, options } = await realUsers()
    await client.hold(order, options)
    const answer = await client.hold({ ...order, totalCents: 1 }, options)
    expect(answer).toMatchObject({
      answered: true,
      details: ['user-service returned 409 hold-mismatch, which is no decision'],
    })
  })

  it('is undecided for a service that is not trusted', async () => {
    const { transport, order, options } = await realUsers()
    const { orderServiceKey: strange } = await testUsers()
    const tokens = new TokenSource(onlyKey(strange), { service: 'order-service', audience: 'user-service' }, realSystem)
    const client = new UserClient(new UpstreamClient(transport, realSystem), tokens, silentLog)
    const answer = await client.hold(order, options)
    expect(answer).toMatchObject({
      answered: true,
      details: ['user-service returned 401 unauthenticated, which is no decision'],
    })
  })
})

describe('A request to user-service to release credit', () => {
  it('returns released, and the same if it is repeated', async () => {
    const { client, order, options } = await realUsers()
    await client.hold(order, options)
    expect(await client.release(order, options)).toBe('released')
    expect(await client.release(order, options)).toBe('released')
  })

  it('returns released if there was no hold, or no user', async () => {
    const { client, order, options } = await realUsers()
    expect(await client.release(order, options)).toBe('released')
    expect(await client.release({ ...order, id: realSystem.newId(), userId: realSystem.newId() }, options)).toBe(
      'released',
    )
  })

  it('keeps the hold of another user, and counts as released', async () => {
    const { provider, client, order, options } = await realUsers()
    await client.hold(order, options)
    const other = await provider.signUp()
    expect(await client.release({ ...order, userId: other.id }, options)).toBe('released')
    expect(await client.hold(order, options)).toBe('held')
  })
})

describe('The keys of user-service', () => {
  it('include the one that signs its tokens', async () => {
    const { provider, transport } = await realUsers()
    const keys = new RemoteKeySet({
      issuer: 'user-service',
      path: '/.well-known/jwks.json',
      transport,
      database: await temporaryDatabase(chassisMigrations),
      system: realSystem,
      log: silentLog,
    })
    expect(await keys.find(provider.signingKey.kid)).toBeDefined()
    expect(await keys.find('another')).toBeUndefined()
  })
})
