import { hostname } from 'node:os'
import request from 'supertest'
import { adminToken as tokenOfAdmin, started } from './support/started-service'
import { bearer, testUsers } from './support/user-app'

test('GET /status of user-service shows nothing unfinished, no circuit and no lag', async () => {
  const { app, adminToken } = await testUsers()
  const { body } = await request(app)
    .get('/status')
    .auth(await adminToken(), bearer)
    .expect(200)
  expect(body).toMatchObject({
    service: 'user-service',
    replica: 'here',
    unfinished: null,
    circuits: [],
    lag: {},
    parkedEvents: null,
  })
})

test('GET /status of a started user-service names its host, and measures its event loop', async () => {
  const { url, adminKey } = await started()
  const { body } = await request(url)
    .get('/status')
    .auth(await tokenOfAdmin(url, adminKey), bearer)
    .expect(200)
  expect(body).toMatchObject({ replica: hostname(), eventLoopDelayMs: expect.any(Number), broker: null, faults: null })
})
