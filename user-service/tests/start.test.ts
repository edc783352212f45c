import { join } from 'node:path'
import request from 'supertest'
import { rawClient } from '../../chassis/testing/raw-client'
import { eventually, temporaryFolder } from '../../chassis/testing/temporary'
import { OperatorError } from '@tandem/chassis/failure'
import { expectProblem } from './support/problem'
import { adminToken, started } from './support/started-service'
import { bearer, newEmail } from './support/user-app'

async function newUser(url: string): Promise<{ id: string; apiKey: string; creditCents: number }> {
  const { body } = await request(url).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
  return body
}

/** What comes back for these bytes until the connection is closed. */
async function rawResponse(port: number, bytes: string): Promise<string> {
  const { send, untilClosed } = await rawClient(port)
  send(bytes)
  return untilClosed()
}

describe('user-service', () => {
  it('starts on a free port and is ready without order-service', async () => {
    const { url, port, lines } = await started()
    const answer = await request(url).get('/health/ready')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ status: 'ok', service: 'user-service', version: '0.0.0', checks: { database: 'ok' } })
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: 'ready', url, host: '127.0.0.1', port, version: '0.0.0' }),
    )
  })

  it.each([
    ['on', '127.0.0.1'],
    ['off', undefined],
  ])('logs the address of a client, or not, as LOG_CLIENT_ADDRESS=%s says', async (LOG_CLIENT_ADDRESS, client) => {
    const { url, port, lines } = await started({ environment: { LOG_CLIENT_ADDRESS } })
    await request(url).get('/users').expect(401)
    await rawResponse(port, 'hello\r\n\r\n')
    const logged = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => String(msg).startsWith('request'))
    await eventually(() => logged().length === 2)
    expect(logged().map((line) => [line.reason, line.client])).toEqual([
      ['no-token', client],
      ['HPE_INVALID_METHOD', client],
    ])
  })

  it('gives its port and its database back when it is stopped', async () => {
    const { port, folder, stop } = await started()
    await stop()
    const again = await started({ folder, environment: { PORT: String(port) } })
    expect(again.port).toBe(port)
    await request(again.url).get('/health/ready').expect(200)
  })

  it('finds users, keys and its signing key again after a restart', async () => {
    const first = await started()
    const user = await newUser(first.url)
    const token = await adminToken(first.url, first.adminKey)
    const { body: jwks } = await request(first.url).get('/.well-known/jwks.json').expect(200)
    await first.stop()

    const { url, adminKey } = await started({ folder: first.folder })

    expect(adminKey).toBe(first.adminKey)
    expect((await request(url).get('/.well-known/jwks.json')).body).toEqual(jwks)
    const { apiKey, ...shown } = user
    const found = await request(url).get(`/users/${user.id}`).auth(token, bearer).expect(200)
    expect(found.body).toEqual(shown)
    await request(url).post('/tokens').auth(apiKey, bearer).expect(200)
    await request(url).post('/tokens').auth(adminKey, bearer).expect(200)
  })

  it('logs where the admin key is, and never any key', async () => {
    const { url, adminKey, adminKeyFile, lines, stop } = await started()
    const { apiKey } = await newUser(url)
    const token = await adminToken(url, adminKey)
    await request(url).get('/health').auth(adminKey, bearer)
    await request(url).get('/users/1').auth(adminKey, bearer).expect(401)
    await stop()
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: 'admin key', file: adminKeyFile, show: `cat ${adminKeyFile}` }),
    )
    for (const secret of [adminKey, apiKey, token]) expect(lines.join('')).not.toContain(secret)
  })

  it('gives new users the configured credit', async () => {
    const { url } = await started({ environment: { SIGNUP_CREDIT_CENTS: '5' } })
    expect((await newUser(url)).creditCents).toBe(5)
  })

  it.each([
    ['warns that other machines can reach it', {}, 1],
    ['takes that for meant in a container', { container: 'oci' }, 0],
  ])('%s on an address that is not loopback', async (_what, environment, warnings) => {
    const { lines } = await started({ environment: { HOST: '0.0.0.0', ...environment } })
    expect(lines.filter((line) => line.includes('HOST lets other machines reach this service'))).toHaveLength(warnings)
  })

  it('refuses to start twice on one database, or with an admin key file without a key', async () => {
    const folder = temporaryFolder()
    const environment = { DATABASE_URL: 'sqlite:users.db' } // a file is for one process, PostgreSQL for several
    await started({ folder, environment })
    await expect(started({ folder, environment })).rejects.toThrow('is in use by another process')
    await expect(started({ environment: { ADMIN_KEY_FILE: join(folder, 'users.db') } })).rejects.toThrow(OperatorError)
  })
})

describe('AUTH_MODE', () => {
  it('open allows a request without a token what admin and service may do, and logs that', async () => {
    const { url, lines } = await started({ environment: { AUTH_MODE: 'open' } })
    const { id } = await newUser(url)
    await request(url).put(`/users/${id}/holds/${id}`).send({ amountCents: 1 }).expect(201)
    await request(url)
      .post(`/users/${id}/deposits`)
      .set('Idempotency-Key', 'a-key-of-ours')
      .send({ amountCents: 1 })
      .expect(201)
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringContaining('AUTH_MODE=open') }),
    )
  })

  it('open refuses web pages unless HOST or ALLOWED_HOSTS names the host', async () => {
    const environment = { AUTH_MODE: 'open', HOST: '127.0.0.1', ALLOWED_HOSTS: 'tandem.example' }
    const { url } = await started({ environment })
    const ask = (host: string) => request(url).get('/users').set('Host', host)
    await ask('tandem.example').expect(200)
    await ask('user-service:3000').expect(200)
    expectProblem(await ask('rebind.example'), 403, 'forbidden')
    await request(url).get('/health/ready').set('Host', 'rebind.example').expect(200)
  })

  it('required refuses a request without a token, and logs nothing', async () => {
    const { url, lines } = await started()
    const { id } = await newUser(url)
    expectProblem(await request(url).get(`/users/${id}`), 401, 'unauthenticated')
    expect(lines.join('')).not.toContain('AUTH_MODE')
  })
})
