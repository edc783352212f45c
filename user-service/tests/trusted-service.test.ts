import request from 'supertest'
import { eventually, temporaryFolder } from '../../chassis/testing/temporary'
import { temporaryDatabase } from '../../chassis/testing/temporary-database'
import { StoredSigningKeys } from '@tandem/chassis/auth/signing-keys'
import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { migrations } from '../src/database/migrations'
import { expectProblem } from './support/problem'
import { started } from './support/started-service'
import { orderService } from './support/trusted-keys'
import { bearer, newEmail, signServiceToken } from './support/user-app'

async function newUser(url: string): Promise<{ id: string; apiKey: string; creditCents: number }> {
  const { body } = await request(url).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
  return body
}

describe('A trusted service', () => {
  it('can hold credit, with keys fetched from its configured URL', async () => {
    const orders = await orderService()
    const { url } = await started({ environment: { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` } })
    const { id } = await newUser(url)
    const token = await signServiceToken(orders.key)
    await request(url).put(`/users/${id}/holds/${id}`).auth(token, bearer).send({ amountCents: 1 }).expect(201)
    expect(orders.asked()).toEqual(['/keys?v=1'])
  })

  it('can do nothing else in the name of another service, a user or the admin', async () => {
    const orders = await orderService()
    const { url } = await started({ environment: { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` } })
    const { id } = await newUser(url)
    for (const claims of [
      { scope: 'admin' },
      { scope: 'user' },
      { scope: 'user', subject: id },
      { scope: 'service', subject: 'other-service' },
      { audience: ['order-service'] },
      { issuer: 'other-service', subject: 'other-service' },
      { issuer: 'user-service', subject: 'admin', scope: 'admin' },
      { scope: 'service admin' },
      { lifetimeSeconds: 301 },
      { lifetimeSeconds: 10 * 365 * 86_400 },
    ]) {
      const token = await signServiceToken(orders.key, realSystem, claims)
      expectProblem(await request(url).get(`/users/${id}`).auth(token, bearer), 401, 'unauthenticated')
    }
  })

  it('can do nothing with a withdrawn key, even if its token was accepted before', async () => {
    const orders = await orderService()
    const { url } = await started({ environment: { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` } })
    const { id } = await newUser(url)
    const ask = (token: string) => request(url).get(`/users/${id}`).auth(token, bearer)
    const token = await signServiceToken(orders.key)
    await ask(token).expect(200)
    const next = await signServiceToken(await orders.changeKey())
    await eventually(async () => (await ask(next)).status === 200) // keys are fetched at most once a second
    expectProblem(await ask(token), 401, 'unauthenticated')
  })

  it('is never user-service itself, whose key speaks only for users and the admin', async () => {
    const folder = temporaryFolder()
    const database = await temporaryDatabase(migrations, { folder })
    const { signing: ownKey } = await StoredSigningKeys.load({ database, system: realSystem, log: silentLog })
    await database.close()
    const { url } = await started({ folder })
    const { id } = await newUser(url)
    const asService = { issuer: 'user-service', subject: 'user-service' }
    const token = await signServiceToken(ownKey, realSystem, asService)
    expectProblem(await request(url).get(`/users/${id}`).auth(token, bearer), 401, 'unauthenticated')
    const admin = { ...asService, subject: 'admin', scope: 'admin' }
    const asAdmin = (lifetimeSeconds: number) => signServiceToken(ownKey, realSystem, { ...admin, lifetimeSeconds })
    expectProblem(
      await request(url)
        .get(`/users/${id}`)
        .auth(await asAdmin(901), bearer),
      401,
      'unauthenticated',
    )
    await request(url)
      .get(`/users/${id}`)
      .auth(await asAdmin(900), bearer)
      .expect(200)
  })

  it('gets 503, not 401, if its keys were never fetched', async () => {
    const { key } = await orderService()
    const { url } = await started()
    const { id } = await newUser(url)
    const token = await signServiceToken(key)
    const answer = await request(url).get(`/users/${id}`).auth(token, bearer)
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
  })

  it('is known by its stored keys if it is down at the next start', async () => {
    const orders = await orderService()
    const environment = { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` }
    const first = await started({ environment })
    const { id } = await newUser(first.url)
    const token = await signServiceToken(orders.key)
    await request(first.url).get(`/users/${id}`).auth(token, bearer).expect(200)
    await first.stop()
    orders.server.closeAllConnections()
    await new Promise((resolve) => orders.server.close(resolve))

    const { url } = await started({ folder: first.folder, environment })

    await request(url).get(`/users/${id}`).auth(token, bearer).expect(200)
  })
})
