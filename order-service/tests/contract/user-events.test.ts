import { Registry } from 'prom-client'
import request from 'supertest'
import { TokenSource } from '@tandem/chassis/auth/token-source'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { FeedClient } from '@tandem/chassis/following/feed-client'
import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { temporaryServer } from '../../../chassis/testing/server'
import { afterThisTest, eventually } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { onlyKey } from '../../../chassis/testing/tokens'
import { bearer, testUsers } from '../../../user-service/tests/support/user-app'
import { migrations } from '../../src/database/migrations'
import { orderService } from '../../src/service'
import { storedCopies } from '../users/given-feed'

/** order-service's copy of users, made from the feed of user-service's real app, over HTTP. */
async function realFeed() {
  const users = await testUsers()
  const { url } = await temporaryServer(users.app)
  const transport = httpTransport({ baseUrl: url }, realSystem)
  const parties = { service: 'order-service', audience: 'user-service' }
  const tokens = new TokenSource(onlyKey(users.orderServiceKey), parties, realSystem)
  const database = await temporaryDatabase(migrations)
  const { follower } = orderService({ userServiceUrl: url, pendingTimeoutMs: 600_000 }).build({
    database,
    signingKeys: onlyKey(users.orderServiceKey),
    connect: () => transport,
    tokensFor: () => tokens,
    registry: new Registry(),
    system: realSystem,
    log: silentLog,
  })
  afterThisTest(() => {
    transport.close()
    return follower.stop()
  })
  const client = new FeedClient(transport, tokens, realSystem)
  return { users, client, database, follower }
}

describe("user-service's feed", () => {
  it('builds a copy that follows sign-ups, renames and deletions', async () => {
    const { users, database, follower } = await realFeed()
    const { app } = users
    const ada = await users.signUp({ name: 'Ada' })
    follower.start()
    await eventually(async () => (await storedCopies(database))[0]?.name === 'Ada')
    const bob = await users.signUp({ name: 'Bob' })
    await request(app).patch(`/users/${ada.id}`).auth(ada.token, bearer).send({ name: 'Countess' }).expect(200)
    await eventually(async () => (await storedCopies(database))[0]?.name === 'Countess')
    await request(app).delete(`/users/${ada.id}`).auth(ada.token, bearer).expect(204)
    await eventually(async () => (await storedCopies(database))[0]?.name === null)
    expect(await storedCopies(database)).toEqual([
      { id: ada.id, name: null, version: 3, changes: 3 },
      { id: bob.id, name: 'Bob', version: 1, changes: 1 },
    ])
    expect(follower.lag.events).toBe(0) // the real one says how many are left
  })

  it('has no name of a deleted user, and rebuilds the same copy', async () => {
    const { users, client, database, follower } = await realFeed()
    const { id, token } = await users.signUp({ name: 'Ada' })
    await request(users.app).patch(`/users/${id}`).auth(token, bearer).send({ name: 'Countess' }).expect(200)
    await request(users.app).delete(`/users/${id}`).auth(token, bearer).expect(204)
    expect(await client.read({ after: undefined, limit: 100, waitMs: 0 })).toMatchObject({
      events: [1, 2, 3].map((version) => ({ data: { id, name: null, version } })),
    })
    follower.start()
    await eventually(() => follower.lag.events === 0)
    expect(await storedCopies(database)).toEqual([{ id, name: null, version: 3, changes: 3 }])
  })

  it('is followed from its start, and the copy rebuilt, if it no longer has the last event', async () => {
    const { users, client, database, follower } = await realFeed()
    const { id } = await users.signUp({ name: 'Ada' })
    const lost = realSystem.newId()
    expect(await client.read({ after: lost, limit: 1, waitMs: 0 })).toBe('unknown-event')
    await database.write(async (tx) => {
      await tx.run("INSERT INTO followed_feeds VALUES ('user-service', ?)", lost)
      await tx.run("INSERT INTO seen_events VALUES ('user-service', ?)", lost)
      await tx.run("INSERT INTO user_copies VALUES (?, 'Ada of the future', 9, 9)", id)
      await tx.run("INSERT INTO user_copies VALUES (?, 'Mallory', 1, 1)", realSystem.newId())
    })
    follower.start()
    await eventually(() => follower.lag.events === 0)
    expect(await storedCopies(database)).toEqual([{ id, name: 'Ada', version: 1, changes: 1 }])
  })

  it('accepts the token of the service, and refuses the token of a user', async () => {
    const { users, client } = await realFeed()
    const { id, token } = await users.signUp({ name: 'Ada' })
    expect(await client.read({ after: undefined, limit: 1, waitMs: 0 })).toEqual({
      events: [
        {
          specversion: '1.0',
          id: expect.any(String),
          type: 'user.created',
          time: expect.any(String),
          data: { id, name: 'Ada', version: 1 },
        },
      ],
      remaining: 0,
    })
    const answer = await request(users.app).get('/events').auth(token, bearer).expect(403)
    expect(answer.body.code).toBe('forbidden')
  })
})
