import request from 'supertest'
import { bearer, testUsers } from '../support/user-app'

describe('GET /users', () => {
  it('lists the users for an admin, newest first, page by page', async () => {
    const { app, signUp, adminToken } = await testUsers()
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift((await signUp()).id)
    const token = await adminToken()
    const first = await request(app).get('/users?limit=3').auth(token, bearer).expect(200)
    expect(first.body.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3))
    expect(first.headers.link).toBe(`</users?limit=3&after=${ids[2]}>; rel="next"`)
    const second = await request(app).get(`/users?limit=3&after=${ids[2]}`).auth(token, bearer).expect(200)
    expect(second.body.map(({ id }: { id: string }) => id)).toEqual(ids.slice(3))
    expect(second.headers.link).toBeUndefined()
  })

  it('shows no API key', async () => {
    const { app, signUp, adminToken } = await testUsers()
    await signUp()
    const { body } = await request(app)
      .get('/users')
      .auth(await adminToken(), bearer)
      .expect(200)
    expect(Object.keys(body[0]).sort()).toEqual([
      'createdAt',
      'creditCents',
      'email',
      'id',
      'name',
      'updatedAt',
      'version',
    ])
  })

  it.each(['limit=0', 'limit=101', 'limit=-1', 'limit=2.5', 'limit=1&limit=1', 'after=me', 'name=Ada'])(
    'with %s is answered 400',
    async (query) => {
      const { app, adminToken } = await testUsers()
      const { body } = await request(app)
        .get(`/users?${query}`)
        .auth(await adminToken(), bearer)
        .expect(400)
      expect(body.errors[0].pointer).toBe(`/query/${query.split('=')[0]}`)
    },
  )
})
