import { breakTable } from '../../chassis/testing/broken-table'
import { randomUUID } from 'node:crypto'
import { schemaIn } from '../../chassis/testing/conforming'
import request from 'supertest'
import type { Transaction } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { temporaryDatabase } from '../../chassis/testing/temporary-database'
import { VirtualSystem } from '../../chassis/testing/virtual-system'
import { migrations } from '../src/database/migrations'
import type { User } from '../src/users/user'
import { deleteUserRow, insertUser, updateUser } from '../src/users/user-store'
import { newUser } from './support/new-user'
import { everythingStored } from './support/stored'
import { bearer, newEmail, testUsers, type TestUsers } from './support/user-app'

interface Event {
  id: string
  type: string
  data: unknown
}

/** What order-service is answered at GET /events. */
async function eventsOver({ app, serviceToken }: TestUsers): Promise<Event[]> {
  const answer = await request(app)
    .get('/events')
    .auth(await serviceToken(), bearer)
    .expect(200)
  return answer.body as Event[]
}

const typesAndData = (events: Event[]) => events.map(({ type, data }) => [type, data])

describe('The feed of user-service', () => {
  it('has an event for each change of a user, and nothing but id, name and version', async () => {
    const users = await testUsers({ system: new VirtualSystem() })
    const { id, apiKey, token } = await users.signUp({ name: 'Ada' })
    const patch = (body: object) => request(users.app).patch(`/users/${id}`).auth(token, bearer).send(body)
    await users.deposit(id, 100)
    await users.hold(id, randomUUID(), 100)
    await patch({ name: 'Ada Lovelace' }).expect(200)
    await patch({ name: 'Never' }).set('If-Match', '"9"').expect(412)
    await request(users.app).post(`/users/${id}/keys`).auth(apiKey, bearer).expect(201)
    await patch({ email: newEmail() }).expect(200)

    const events = await eventsOver(users)
    expect(typesAndData(events)).toEqual([
      ['user.created', { id, name: 'Ada', version: 1 }],
      ['user.updated', { id, name: 'Ada Lovelace', version: 2 }],
      ['user.updated', { id, name: 'Ada Lovelace', version: 3 }],
    ])
    expect(events[0]).toEqual({
      specversion: '1.0',
      id: expect.any(String),
      source: '/user-service',
      type: 'user.created',
      subject: id,
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: expect.any(Object),
    })
  })

  it("shows null instead of a deleted user's name, even if the page was read before", async () => {
    const users = await testUsers()
    const [ada, bob] = [await users.signUp({ name: 'Ada' }), await users.signUp({ name: 'Bob' })]
    await request(users.app).patch(`/users/${ada.id}`).auth(ada.token, bearer).send({ name: 'Lovelace' }).expect(200)
    const before = await eventsOver(users)

    await request(users.app).delete(`/users/${ada.id}`).auth(ada.token, bearer).expect(204)

    const after = await eventsOver(users)
    expect(after.map(({ id }) => id).slice(0, 3)).toEqual(before.map(({ id }) => id))
    expect(typesAndData(after)).toEqual([
      ['user.created', { id: ada.id, name: null, version: 1 }],
      ['user.created', { id: bob.id, name: 'Bob', version: 1 }],
      ['user.updated', { id: ada.id, name: null, version: 2 }],
      ['user.deleted', { id: ada.id, name: null, version: 3 }],
    ])
  })

  it('has the schema of each of its types in the OpenAPI document', async () => {
    const { plainApp } = await testUsers()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    const { schema } = body.paths['/events'].get.responses['200'].content['application/cloudevents-batch+json']
    const described = schema.items.anyOf.map((it: object) => schemaIn(body, it).properties)
    const data = {
      type: 'object',
      required: ['id', 'name', 'version'],
      additionalProperties: false,
      properties: {
        id: { type: 'string', format: 'uuid' },
        name: { type: ['string', 'null'] },
        version: { type: 'integer', minimum: 1 },
      },
    }
    expect(
      described.map(({ type, data }: Record<string, { const?: string }>) => [
        type?.const,
        schemaIn(body, (data ?? {}) as object),
      ]),
    ).toMatchObject([
      ['user.created', data],
      ['user.updated', data],
      ['user.deleted', data],
    ])
  })
})

const changes: [string, (tx: Transaction, user: User) => Promise<unknown>, string][] = [
  ['insertUser', (tx) => insertUser(tx, realSystem, newUser()), 'user.created'],
  ['updateUser', (tx, user) => updateUser(tx, realSystem, user, { ...user, name: 'Bob', version: 2 }), 'user.updated'],
  ['deleteUserRow', (tx, user) => deleteUserRow(tx, realSystem, user.id), 'user.deleted'],
]

describe('A change of a user and its event', () => {
  it.each(changes)('%s: are stored together, or neither if the unit fails afterwards', async (...given) => {
    const [, change, type] = given
    const database = await temporaryDatabase(migrations)
    const user = newUser()
    await database.write((tx) => insertUser(tx, realSystem, user))
    const before = await everythingStored(database)
    let written: unknown
    const failing = database.write(async (tx) => {
      await change(tx, user)
      written = await tx.all('SELECT type FROM events ORDER BY id DESC LIMIT 1')
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    expect(written).toEqual([{ type }])
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each(changes)('%s: are not stored if the event cannot be written', async (_, change) => {
    const database = await temporaryDatabase(migrations)
    const user = newUser()
    await database.write((tx) => insertUser(tx, realSystem, user))
    await breakTable(database, 'INSERT', 'events')
    const before = await everythingStored(database)
    await expect(database.write((tx) => change(tx, user))).rejects.toThrow('secret of ours')
    expect(await everythingStored(database)).toEqual(before)
  })
})
