import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { TokenSource } from '@tandem/chassis/auth/token-source'
import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { afterThisTest, temporaryDatabase } from '../../../chassis/testing/temporary'
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
  const tokens = new TokenSource(provider.orderServiceKey, parties, realSystem)
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

describe('user-service, asked to hold credit,', () => {
  it('holds it, and says the same when it is asked again', async () => {
    const { client, order, options } = await realUsers()
    expect(await client.hold(order, options)).toBe('held')
    expect(await client.hold(order, options)).toBe('held')
  })

  it('refuses where the credit does not cover it, and says the same when it is asked again', async () => {
    const { client, order, options } = await realUsers()
    const dear = { ...order, totalCents: 10_001 }
    expect(await client.hold(dear, options)).toBe('insufficient-credit')
    expect(await client.hold(dear, options)).toBe('insufficient-credit')
  })

  it('says that there is no such user', async () => {
    const { client, order, options } = await realUsers()
    expect(await client.hold({ ...order, userId: realSystem.newId() }, options)).toBe('user-not-found')
  })

  it('says that it was released already', async () => {
    const { client, order, options } = await realUsers()
    await client.release(order, options)
    expect(await client.hold(order, options)).toBe('hold-released')
  })

  it('decides nothing where it is held with another amount', async () => {
    const { client, order, options } = await realUsers()
    await client.hold(order, options)
    const answer = await client.hold({ ...order, totalCents: 1 }, options)
    expect(answer).toMatchObject({
      answered: true,
      details: ['user-service returned 409 hold-mismatch, which is no decision'],
    })
  })

  it('decides nothing for a service that it does not trust', async () => {
    const { transport, order, options } = await realUsers()
    const { orderServiceKey: strange } = await testUsers()
    const tokens = new TokenSource(strange, { service: 'order-service', audience: 'user-service' }, realSystem)
    const client = new UserClient(new UpstreamClient(transport, realSystem), tokens, silentLog)
    const answer = await client.hold(order, options)
    expect(answer).toMatchObject({
      answered: true,
      details: ['user-service returned 401 unauthenticated, which is no decision'],
    })
  })
})

describe('user-service, asked to give credit back,', () => {
  it('does so, and says the same when it is asked again', async () => {
    const { client, order, options } = await realUsers()
    await client.hold(order, options)
    expect(await client.release(order, options)).toBe('released')
    expect(await client.release(order, options)).toBe('released')
  })

  it('says the same where there was no hold, and no user', async () => {
    const { client, order, options } = await realUsers()
    expect(await client.release(order, options)).toBe('released')
    expect(await client.release({ ...order, id: realSystem.newId(), userId: realSystem.newId() }, options)).toBe(
      'released',
    )
  })

  it('leaves what is held of another user, which order-service takes as nothing held', async () => {
    const { provider, client, order, options } = await realUsers()
    await client.hold(order, options)
    const other = await provider.signUp()
    expect(await client.release({ ...order, userId: other.id }, options)).toBe('released')
    expect(await client.hold(order, options)).toBe('held')
  })
})

describe('user-service, asked for its keys,', () => {
  it('publishes the one that its tokens are signed with', async () => {
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
