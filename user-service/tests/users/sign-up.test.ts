import { temporarySqlite } from '../../../chassis/testing/temporary-sqlite'
import { breakTable } from '../../../chassis/testing/broken-table'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import request from 'supertest'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { expectProblem } from '../support/problem'
import { eventsOf, everythingStored } from '../support/stored'
import { newEmail, testUsers } from '../support/user-app'

const uuid7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const nothingStored = { users: [], keys: [], deposits: [], holds: [], events: [] }

describe('POST /users', () => {
  it('creates a user with the sign-up credit and shows its API key once', async () => {
    const { app, database } = await testUsers({ signupCreditCents: 700, system: new VirtualSystem() })

    const answer = await request(app).post('/users').send({ name: ' Ada ', email: 'Ada@example.com' })

    const { id } = answer.body
    const now = '2026-01-01T00:00:00.000Z'
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({
      location: `/users/${id}`,
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
    })
    expect(answer.body).toEqual({
      id: expect.stringMatching(uuid7),
      name: 'Ada',
      email: 'Ada@example.com',
      creditCents: 700,
      version: 1,
      createdAt: now,
      updatedAt: now,
      apiKey: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    })
    expect(await database.read.all('SELECT * FROM users')).toEqual([
      {
        id,
        name: 'Ada',
        email: 'Ada@example.com',
        email_key: 'ada@example.com',
        credit_cents: 700,
        deposited_cents: 700,
        version: 1,
        created_at: now,
        updated_at: now,
      },
    ])
  })

  it('stores the sign-up credit as the first deposit', async () => {
    const { app, database } = await testUsers({ signupCreditCents: 700 })
    const { body: user } = await request(app).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
    expect(await database.read.all('SELECT * FROM deposits')).toEqual([
      {
        id: expect.stringMatching(uuid7),
        user_id: user.id,
        amount_cents: 700,
        credit_cents: 700,
        made_by: null,
        idempotency_key: null,
        created_at: user.createdAt,
      },
    ])
  })

  it('stores no deposit if the sign-up credit is zero', async () => {
    const { app, database } = await testUsers({ signupCreditCents: 0 })
    const { body: user } = await request(app).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
    expect(user.creditCents).toBe(0)
    expect(await database.read.all('SELECT * FROM deposits')).toEqual([])
  })

  it('writes one event with id, name and version', async () => {
    const { app, database } = await testUsers({ system: new VirtualSystem() })
    const { body: user } = await request(app).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
    expect(await database.read.all('SELECT sequence, id, type, subject, time, data FROM events')).toEqual([
      {
        sequence: 1,
        id: expect.stringMatching(uuid7),
        type: 'user.created',
        subject: user.id,
        time: '2026-01-01T00:00:00.000Z',
        data: JSON.stringify({ id: user.id, name: 'Ada', version: 1 }),
      },
    ])
  })

  it('stores only the SHA-256 of the key in the files of the database', async () => {
    const { app, database, file } = await testUsers({ openTemporary: temporarySqlite }) // whose files can be read
    const { body: user } = await request(app).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)

    expect(await database.read.all('SELECT hash, subject FROM api_keys')).toEqual([
      { hash: createHash('sha256').update(user.apiKey).digest('hex'), subject: user.id },
    ])
    const files = readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name)))
    expect(files.some((content) => content.includes(user.id))).toBe(true)
    expect(files.some((content) => content.includes(user.apiKey))).toBe(false)
  })

  it('gives each user its own key and id', async () => {
    const { signUp } = await testUsers()
    const users = [await signUp(), await signUp()]
    expect(new Set(users.map(({ id }) => id)).size).toBe(2)
    expect(new Set(users.map(({ apiKey }) => apiKey)).size).toBe(2)
  })

  it.each([
    ['one character', 'A', 'A'],
    ['a hundred characters', 'x'.repeat(100), 'x'.repeat(100)],
    ['a hundred characters that are two code units each', '👩'.repeat(100), '👩'.repeat(100)],
    ['a hundred characters between blanks', ` \n${'x'.repeat(100)}\t`, 'x'.repeat(100)],
  ])('accepts a name of %s', async (_situation, name, kept) => {
    const { app, database } = await testUsers()
    const answer = await request(app).post('/users').send({ name, email: newEmail() })
    expect(answer.status).toBe(201)
    expect(answer.body.name).toBe(kept)
    expect(await eventsOf(database, answer.body.id)).toEqual([
      { type: 'user.created', data: { id: answer.body.id, name: kept, version: 1 } },
    ])
  })

  it('creates one user for thirty concurrent sign-ups with one address', async () => {
    const { app, database } = await testUsers({ signupCreditCents: 700 })

    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        request(app)
          .post('/users')
          .send({ name: `Ada ${i}`, email: i % 2 ? 'ada@example.com' : 'ADA@example.com' }),
      ),
    )

    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(1)
    for (const answer of answers) if (answer !== made[0]) expectProblem(answer, 409, 'email-taken')
    expect(await database.read.all('SELECT id FROM users')).toEqual([{ id: made[0]!.body.id }])
    expect(await database.read.all('SELECT subject FROM api_keys')).toEqual([{ subject: made[0]!.body.id }])
    expect(await database.read.all('SELECT subject FROM events')).toEqual([{ subject: made[0]!.body.id }])
    expect(await database.read.all('SELECT user_id FROM deposits')).toEqual([{ user_id: made[0]!.body.id }])
  })

  it.each(['events', 'deposits', 'api_keys'])(
    'keeps nothing and tells nothing where %s cannot be written',
    async (table) => {
      const { app, database } = await testUsers()
      await breakTable(database, 'INSERT', table)

      const answer = await request(app).post('/users').send({ name: 'Ada', email: newEmail() })

      expectProblem(answer, 500, 'internal')
      expect(answer.text).not.toMatch(/secret|SQL|trigger/i)
      expect(await everythingStored(database)).toEqual(nothingStored)
    },
  )
})
