import request from 'supertest'
import { testUsers } from '../support/user-app'

describe('POST /users', () => {
  it('makes a user with the sign-up credit and shows its key this once', async () => {
    const { app } = await testUsers({ signupCreditCents: 700 })
    const answer = await request(app).post('/users').send({ name: ' Ada ', email: 'Ada@example.com' })
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toBe(`/users/${answer.body.id}`)
    expect(answer.body).toEqual({
      id: expect.any(String),
      name: 'Ada',
      email: 'Ada@example.com',
      creditCents: 700,
      version: 1,
      createdAt: expect.any(String),
      updatedAt: answer.body.createdAt,
      apiKey: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    })
  })
})
