import request from 'supertest'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { expectInvalid, expectProblem } from '../support/problem'
import { everythingStored } from '../support/stored'
import { bearer, testUsers } from '../support/user-app'

async function aUser() {
  const system = new VirtualSystem()
  const users = await testUsers({ system })
  const user = await users.signUp({ name: 'Ada', email: 'ada@example.com' })
  const patch = (body: object, ifMatch?: string) => {
    const asked = request(users.app).patch(`/users/${user.id}`).auth(user.token, bearer)
    if (ifMatch !== undefined) void asked.set('If-Match', ifMatch)
    return asked.send(body)
  }
  const read = () => request(users.app).get(`/users/${user.id}`).auth(user.token, bearer).expect(200)
  return { ...users, system, user, patch, read }
}

describe('PATCH /users/:id', () => {
  it('changes the name, version, time and entity tag, and writes an event', async () => {
    const { database, system, user, patch, read } = await aUser()
    const before = await read()
    await system.pass(1000)
    const answer = await patch({ name: ' Ada Lovelace ' }).expect(200)
    expect(answer.headers.etag).toBe('"2"')
    expect(answer.body).toEqual({
      ...before.body,
      name: 'Ada Lovelace',
      version: 2,
      updatedAt: new Date(Date.parse(before.body.updatedAt) + 1000).toISOString(),
    })
    expect((await read()).body).toEqual(answer.body)
    const events = await database.read.all<{ type: string; data: string }>(
      'SELECT type, data FROM events ORDER BY sequence',
    )
    expect(events.at(-1)?.type).toBe('user.updated')
    expect(JSON.parse(events.at(-1)!.data)).toEqual({ id: user.id, name: 'Ada Lovelace', version: 2 })
  })

  it('changes the e-mail address, even if only its case changes', async () => {
    const { patch } = await aUser()
    expect((await patch({ email: 'ADA@example.com' }).expect(200)).body.email).toBe('ADA@example.com')
    expect((await patch({ email: 'lovelace@example.com' }).expect(200)).body).toMatchObject({ name: 'Ada', version: 3 })
  })

  it('frees the previous e-mail address', async () => {
    const { patch, signUp } = await aUser()
    await patch({ email: 'lovelace@example.com' }).expect(200)
    await signUp({ email: 'ada@example.com' })
  })

  it('returns 409 and changes nothing if another user has the e-mail address, in any case', async () => {
    const { patch, signUp, database } = await aUser()
    await signUp({ email: 'bob@example.com' })
    const before = await everythingStored(database)
    expectProblem(await patch({ name: 'X', email: 'BOB@example.com' }), 409, 'email-taken')
    expect(await everythingStored(database)).toEqual(before)
  })

  it.each(['"1"', '*', '"2", "1"', ', "0",,\t"1" ,', 'W/"1", "1"', '"a,b", "1"', '"x","1"'])(
    'with If-Match: %s changes the first version',
    async (tag) => {
      const { patch } = await aUser()
      expect((await patch({ name: 'New' }, tag).expect(200)).body.version).toBe(2)
    },
  )

  it.each(['"2"', 'W/"1"', '"one"', '"01"', '""', '"2", "3"', '"1,2"', '"10"'])(
    'with If-Match: %s is refused, and changes nothing',
    async (tag) => {
      const { patch, database } = await aUser()
      const before = await everythingStored(database)
      expectProblem(await patch({ name: 'New' }, tag), 412, 'precondition-failed')
      expect(await everythingStored(database)).toEqual(before)
    },
  )

  it.each(['1', 'one', '"1', '*, "1"', '"1" "2"', '"1", *', ',', 'w/"1"'])(
    'returns 400 if If-Match is %s',
    async (tag) => {
      const { patch } = await aUser()
      expectInvalid(await patch({ name: 'New' }, tag), '/header/if-match')
    },
  )

  it.each(['If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since'])(
    'returns 400 and changes nothing if it has %s, which is not evaluated',
    async (header) => {
      const { patch, database } = await aUser()
      const before = await everythingStored(database)
      const answer = await patch({ name: 'New' }).set(header, 'Mon, 07 Sep 2026 00:00:00 GMT')
      expectInvalid(answer, `/header/${header.toLowerCase()}`)
      expect(await everythingStored(database)).toEqual(before)
    },
  )

  it('returns 412 to nine of ten concurrent changes with the same If-Match', async () => {
    const { patch, read } = await aUser()
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => patch({ name: `N${i}` }, '"1"')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(412)])
    expect((await read()).body.version).toBe(2)
  })

  it('keeps the entity tag if only the credit changes', async () => {
    const { user, hold, patch } = await aUser()
    expect((await hold(user.id, user.id, 100)).status).toBe(201)
    await patch({ name: 'New' }, '"1"').expect(200)
  })

  it.each([
    [{}, ''],
    [{ name: '' }, '/name'],
    [{ name: '   ' }, '/name'],
    [{ name: 'x'.repeat(101) }, '/name'],
    [{ name: null }, '/name'],
    [{ name: 'A\u001b]0;root\u0007' }, '/name'],
    [{ email: 'nobody' }, '/email'],
    [{ creditCents: 1, name: 'X' }, '/creditCents'],
    [{ version: 7, name: 'X' }, '/version'],
  ])('returns 400 for %j', async (body, pointer) => {
    const { patch } = await aUser()
    expectInvalid(await patch(body), pointer)
  })
})
