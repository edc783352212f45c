import { breakTable } from '../../../chassis/testing/broken-table'
import { createHash, randomUUID } from 'node:crypto'
import request from 'supertest'
import { realSystem } from '@tandem/chassis/system'
import { newApiKey, replaceApiKey } from '../../src/tokens/api-key-store'
import { expectInvalid, expectProblem } from '../support/problem'
import { everythingStored } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

describe('POST /users/:id/keys', () => {
  it('returns a new key to a user who sends the current one, which stops working', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, apiKey } = await signUp()

    const answer = await request(app).post(`/users/${id}/keys`).auth(apiKey, bearer)

    expect(answer.status).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toEqual({ apiKey: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) })
    expect(answer.body.apiKey).not.toBe(apiKey)
    expect(await database.read.all('SELECT hash, subject FROM api_keys')).toEqual([
      { hash: createHash('sha256').update(answer.body.apiKey).digest('hex'), subject: id },
    ])
    expectProblem(await request(app).post('/tokens').auth(apiKey, bearer), 401, 'unauthenticated')
    await request(app).post('/tokens').auth(answer.body.apiKey, bearer).expect(200)
  })

  it("returns 403 for a user's token, and changes no key, so that a stolen token buys none", async () => {
    const { app, database, signUp } = await testUsers()
    const [{ id, token }, other] = [await signUp(), await signUp()]
    const before = await everythingStored(database)
    for (const whose of [id, other.id, randomUUID()])
      expectProblem(await request(app).post(`/users/${whose}/keys`).auth(token, bearer), 403, 'forbidden')
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each([
    ['no key', () => undefined, 'Bearer'],
    ['an unknown key', () => 'Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'Bearer error="invalid_token"'],
    ['a key that was replaced', (replaced: string) => `Bearer ${replaced}`, 'Bearer error="invalid_token"'],
    ['a broken token', () => 'Bearer no.token.atall', 'Bearer error="invalid_token"'],
    ['a key of another scheme', (_: string, current: string) => `Basic ${current}`, 'Bearer'],
  ])('returns 401 to %s, and changes no key', async (_what, header, challenge) => {
    const { app, database, signUp } = await testUsers()
    const { id, apiKey } = await signUp()
    const { body } = await request(app).post(`/users/${id}/keys`).auth(apiKey, bearer).expect(201)
    const before = await everythingStored(database)
    const asked = request(app).post(`/users/${id}/keys`)
    const authorization = header(apiKey, body.apiKey)
    const answer = await (authorization === undefined ? asked : asked.set('Authorization', authorization))
    expectProblem(answer, 401, 'unauthenticated')
    expect(answer.headers['www-authenticate']).toBe(challenge)
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each(['token', 'key'] as const)(
    'gives a user a new key for the %s of the admin, and leaves those of others',
    async (shown) => {
      const { app, database, signUp, adminToken } = await testUsers()
      const [ada, bob] = [await signUp(), await signUp()]
      const adminKey = newApiKey()
      await database.write((tx) => replaceApiKey(tx, realSystem, 'admin', adminKey))
      const credential = shown === 'key' ? adminKey : await adminToken()
      const { body } = await request(app).post(`/users/${ada.id}/keys`).auth(credential, bearer).expect(201)
      await request(app).post('/tokens').auth(body.apiKey, bearer).expect(200)
      await request(app).post('/tokens').auth(ada.apiKey, bearer).expect(401)
      await request(app).post('/tokens').auth(bob.apiKey, bearer).expect(200)
    },
  )

  it('returns the same 404 for another user as for an unknown one, and changes no key', async () => {
    const { app, database, signUp } = await testUsers()
    const [{ apiKey }, other] = [await signUp(), await signUp()]
    const before = await everythingStored(database)
    for (const id of [other.id, randomUUID()])
      expectProblem(await request(app).post(`/users/${id}/keys`).auth(apiKey, bearer), 404, 'user-not-found')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('returns 404 to the admin for an unknown user', async () => {
    const { app, database, adminToken } = await testUsers()
    const answer = await request(app)
      .post(`/users/${randomUUID()}/keys`)
      .auth(await adminToken(), bearer)
    expectProblem(answer, 404, 'user-not-found')
    expect(await database.read.all('SELECT * FROM api_keys')).toEqual([])
  })

  it('returns 403 to a service', async () => {
    const { app, database, signUp, serviceToken } = await testUsers()
    const { id } = await signUp()
    const before = await everythingStored(database)
    const answer = await request(app)
      .post(`/users/${id}/keys`)
      .auth(await serviceToken(), bearer)
    expectProblem(answer, 403, 'forbidden')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('returns 400 for an id that is not a UUID', async () => {
    const { app, adminToken } = await testUsers()
    const answer = await request(app)
      .post('/users/admin/keys')
      .auth(await adminToken(), bearer)
    expectInvalid(answer, '/path/id')
  })

  it('leaves one valid key after ten concurrent requests', async () => {
    const { app, database, signUp, adminToken } = await testUsers()
    const [{ id }, token] = [await signUp(), await adminToken()]
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => request(app).post(`/users/${id}/keys`).auth(token, bearer).expect(201)),
    )
    const tries = await Promise.all(answers.map(({ body }) => request(app).post('/tokens').auth(body.apiKey, bearer)))
    expect(tries.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(401)])
    expect(await database.read.all('SELECT subject FROM api_keys')).toEqual([{ subject: id }])
  })

  it('keeps the old key if the new one cannot be written', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, apiKey } = await signUp()
    await breakTable(database, 'INSERT', 'api_keys')
    expectProblem(await request(app).post(`/users/${id}/keys`).auth(apiKey, bearer), 500, 'internal')
    await request(app).post('/tokens').auth(apiKey, bearer).expect(200)
  })
})
