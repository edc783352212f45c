import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { expectInvalid, expectProblem } from '../support/problem'
import { bearer, testUsers } from '../support/user-app'

describe('GET /users/:id', () => {
  it('returns a user to itself, with a strong ETag and without its key', async () => {
    const { app, signUp } = await testUsers({ signupCreditCents: 700 })
    const { id, token } = await signUp({ name: 'Ada', email: 'ada@example.com' })

    const answer = await request(app).get(`/users/${id}`).auth(token, bearer)

    expect(answer.status).toBe(200)
    expect(answer.headers.etag).toBe('"1"')
    expect(answer.body).toEqual({
      id,
      name: 'Ada',
      email: 'ada@example.com',
      creditCents: 700,
      version: 1,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: answer.body.createdAt,
    })
  })

  it('returns any user to the admin and to a service', async () => {
    const { app, signUp, adminToken, serviceToken } = await testUsers()
    const { id } = await signUp()
    for (const token of [await adminToken(), await serviceToken()]) {
      const answer = await request(app).get(`/users/${id}`).auth(token, bearer)
      expect({ status: answer.status, id: answer.body.id }).toEqual({ status: 200, id })
    }
  })

  it('returns the same 404 for another user as for an unknown one', async () => {
    const { app, signUp } = await testUsers()
    const [{ token }, other] = [await signUp(), await signUp()]
    const answers = [
      await request(app).get(`/users/${other.id}`).auth(token, bearer),
      await request(app).get(`/users/${randomUUID()}`).auth(token, bearer),
    ]
    for (const answer of answers) expectProblem(answer, 404, 'user-not-found')
    expect(answers[0]!.body.detail).toBe(answers[1]!.body.detail)
  })

  it('returns 404 to the admin for an unknown user', async () => {
    const { app, adminToken } = await testUsers()
    const answer = await request(app)
      .get(`/users/${randomUUID()}`)
      .auth(await adminToken(), bearer)
    expectProblem(answer, 404, 'user-not-found')
  })

  it('accepts an id in upper case', async () => {
    const { app, signUp } = await testUsers()
    const { id, token } = await signUp()
    const answer = await request(app).get(`/users/${id.toUpperCase()}`).auth(token, bearer)
    expect({ status: answer.status, id: answer.body.id }).toEqual({ status: 200, id })
  })

  it.each(['1', 'admin', `${randomUUID()}0`, randomUUID().replaceAll('-', ''), '%00', "'--"])(
    'refuses %s, which is no UUID',
    async (malformed) => {
      const { app, adminToken } = await testUsers()
      const answer = await request(app)
        .get(`/users/${malformed}`)
        .auth(await adminToken(), bearer)
      expectInvalid(answer, '/path/id')
    },
  )

  it('accepts a UUID of any version', async () => {
    const { app, adminToken } = await testUsers()
    for (const id of ['c232ab00-9414-11ec-b3c8-9f6bdeced846', randomUUID()]) {
      const answer = await request(app)
        .get(`/users/${id}`)
        .auth(await adminToken(), bearer)
      expectProblem(answer, 404, 'user-not-found')
    }
  })

  it('keeps the ETag if only the credit changes', async () => {
    const { app, signUp, deposit } = await testUsers({ signupCreditCents: 700 })
    const { id, token } = await signUp()
    await deposit(id, 50)
    const answer = await request(app).get(`/users/${id}`).auth(token, bearer)
    expect(answer.headers.etag).toBe('"1"')
    expect(answer.body).toMatchObject({ creditCents: 750, version: 1, updatedAt: answer.body.createdAt })
  })
})
