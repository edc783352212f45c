import request from 'supertest'
import { expectInvalid, expectProblem } from '../support/problem'
import { everythingStored } from '../support/stored'
import { newEmail, testUsers } from '../support/user-app'

const nothingStored = { users: [], keys: [], deposits: [], holds: [], events: [] }

describe('POST /users', () => {
  it.each([
    'user@xn--e1afmkfd.xn--p1ai',
    'a&b@example.com',
    "o'brien+news@example.co.uk",
    '!#$%&*+/=?^_`{|}~.-@example.com',
    '.a..b.@example.com',
    'a@1.2.3.4',
    `a@${'b'.repeat(63)}.com`,
  ])('returns 201 for %s, which `<input type="email">` accepts', async (email) => {
    const { app } = await testUsers()
    const answer = await request(app).post('/users').send({ name: 'Ada', email })
    expect([answer.status, answer.body.email]).toEqual([201, email])
  })

  it('accepts an e-mail address of 254 characters', async () => {
    const { app } = await testUsers()
    const email = `${'a'.repeat(242)}@example.com`
    const answer = await request(app).post('/users').send({ name: 'Ada', email })
    expect({ status: answer.status, email: answer.body.email }).toEqual({ status: 201, email })
  })

  it.each([
    ['no name', { email: 'a@example.com' }, '/name'],
    ['an empty name', { name: '', email: 'a@example.com' }, '/name'],
    ['a name of blanks', { name: ' \t\n', email: 'a@example.com' }, '/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101), email: 'a@example.com' }, '/name'],
    ['a name of 101 emoji', { name: '👩'.repeat(101), email: 'a@example.com' }, '/name'],
    ['a name with U+0000', { name: 'A\0da', email: 'a@example.com' }, '/name'],
    ['a name that clears a terminal', { name: 'A\u001b[2J', email: 'a@example.com' }, '/name'],
    ['a name of two lines', { name: 'Ada\nBob', email: 'a@example.com' }, '/name'],
    ['a name with a C1 control character', { name: 'A\u009b2J', email: 'a@example.com' }, '/name'],
    ['a name of characters that nobody sees', { name: '\u200b\u3164', email: 'a@example.com' }, '/name'],
    ['a name with a lone surrogate', { name: 'A\ud800', email: 'a@example.com' }, '/name'],
    ['a name that is a number', { name: 1, email: 'a@example.com' }, '/name'],
    ['a name that is null', { name: null, email: 'a@example.com' }, '/name'],
    ['no e-mail address', { name: 'Ada' }, '/email'],
    ['an e-mail address without @', { name: 'Ada', email: 'example.com' }, '/email'],
    ['an e-mail address without a dot in its domain', { name: 'Ada', email: 'a@example' }, '/email'],
    ['an e-mail address with two dots in a row in its domain', { name: 'Ada', email: 'a@example..com' }, '/email'],
    ['an e-mail address with a display name', { name: 'Ada', email: 'Ada <a@example.com>' }, '/email'],
    ['an e-mail address of two lines', { name: 'Ada', email: 'a@example.com\nb@example.com' }, '/email'],
    ['an e-mail address with a label of 64 letters', { name: 'Ada', email: `a@${'b'.repeat(64)}.com` }, '/email'],
    ['an e-mail address with blanks', { name: 'Ada', email: ' a@example.com' }, '/email'],
    ['an e-mail address with U+0000', { name: 'Ada', email: 'a\0@example.com' }, '/email'],
    ['an e-mail address of 255 characters', { name: 'Ada', email: `${'a'.repeat(243)}@example.com` }, '/email'],
    ['an unknown field', { name: 'Ada', email: 'a@example.com', creditCents: 5 }, '/creditCents'],
    ['a field named __proto__', '{"name":"Ada","email":"a@example.com","__proto__":1}', '/__proto__'],
    ['an array', [{ name: 'Ada', email: 'a@example.com' }], ''],
    ['null', 'null', ''],
    ['what is not JSON', '{"name":', ''],
  ])('returns 400 that points at the fault for %s', async (_situation, body, pointer) => {
    const { app, database } = await testUsers()
    const answer = await request(app).post('/users').type('json').send(body)
    expectInvalid(answer, pointer)
    expect(await everythingStored(database)).toEqual(nothingStored)
  })

  it('returns 400 and makes no user if the name came in Latin-1', async () => {
    const { app, database } = await testUsers()
    const asked = request(app).post('/users').type('json')
    const body = Buffer.from('{"name":"Ren\xe9","email":"r@example.com"}', 'latin1')
    expectInvalid(await asked.serialize((sent: unknown) => sent as string).send(body), '')
    expect(await everythingStored(database)).toEqual(nothingStored)
  })

  it('returns 400 for a JSON content type without a body', async () => {
    const { app, database } = await testUsers()
    expectInvalid(await request(app).post('/users').type('json'), '')
    expect(await everythingStored(database)).toEqual(nothingStored)
  })

  it('names every fault of a body at once', async () => {
    const { app } = await testUsers()
    expectInvalid(await request(app).post('/users').send({ name: '', email: '', more: 1 }), '/name', '/email', '/more')
  })

  it.each(['application/x-www-form-urlencoded', 'text/plain'])('returns 415 for a body of type %s', async (type) => {
    const { app, database } = await testUsers()
    expectProblem(
      await request(app).post('/users').type(type).send('name=Ada&email=a@example.com'),
      415,
      'unsupported-media-type',
    )
    expect(await everythingStored(database)).toEqual(nothingStored)
  })

  it('ignores a query, as it declares none', async () => {
    const { app } = await testUsers({ signupCreditCents: 700 })
    const answer = await request(app)
      .post('/users?utm_source=mail&creditCents=9')
      .send({ name: 'Ada', email: newEmail() })
    expect([answer.status, answer.body.creditCents]).toEqual([201, 700])
  })

  it('returns 409 and stores nothing if the e-mail address is in use, in any case', async () => {
    const { app, database } = await testUsers()
    await request(app).post('/users').send({ name: 'Ada', email: 'ada@example.com' }).expect(201)
    const before = await everythingStored(database)

    const answer = await request(app).post('/users').send({ name: 'Bob', email: 'ADA@Example.Com' })

    expectProblem(answer, 409, 'email-taken')
    expect(await everythingStored(database)).toEqual(before)
  })
})
