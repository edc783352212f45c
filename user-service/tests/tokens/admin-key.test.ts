import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import request from 'supertest'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { OperatorError } from '@tandem/chassis/failure'
import { realSystem } from '@tandem/chassis/system'
import { loadAdminKey } from '../../src/tokens/admin-key'
import { bearer, testUsers } from '../support/user-app'

const aKey = 'k'.repeat(32)

async function refusal(file: string): Promise<unknown> {
  const { database } = await testUsers()
  const refused = await loadAdminKey(file, database, realSystem).catch((error: unknown) => error)
  expect(await database.read.all('SELECT * FROM api_keys')).toEqual([])
  return refused
}

describe('The admin key', () => {
  it('is created if there is none, in a file that only its owner can read, and stored hashed', async () => {
    const { app, database } = await testUsers()
    const file = join(temporaryFolder(), 'not', 'there', 'admin-key')

    await loadAdminKey(file, database, realSystem)

    expect(statSync(file).mode & 0o777).toBe(0o600)
    const content = readFileSync(file, 'utf8')
    expect(content).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
    expect(await database.read.all('SELECT hash, subject FROM api_keys')).toEqual([
      { hash: createHash('sha256').update(content.trim()).digest('hex'), subject: 'admin' },
    ])
    await request(app).post('/tokens').auth(content.trim(), bearer).expect(200)
  })

  it('has 256 bits, and is another one at each first start', async () => {
    const keys: string[] = []
    for (const file of [0, 1].map(() => join(temporaryFolder(), 'admin-key'))) {
      const { database } = await testUsers()
      await loadAdminKey(file, database, realSystem)
      expect(statSync(file).mode & 0o777).toBe(0o600)
      keys.push(readFileSync(file, 'utf8').trim())
    }
    expect(keys.map((key) => Buffer.from(key, 'base64url').length * 8)).toEqual([256, 256])
    expect(keys[0]).not.toBe(keys[1])
  })

  it('is read from the file if there is one, without surrounding blanks', async () => {
    const { app, database } = await testUsers()
    const file = join(temporaryFolder(), 'admin-key')
    writeFileSync(file, ` ${aKey}\r\n\n`)
    await loadAdminKey(file, database, realSystem)
    await request(app).post('/tokens').auth(aKey, bearer).expect(200)
    expect(readFileSync(file, 'utf8')).toBe(` ${aKey}\r\n\n`)
  })

  it('is what the file holds at each start: the previous key stops working', async () => {
    const { app, database, signUp } = await testUsers()
    const user = await signUp()
    const file = join(temporaryFolder(), 'admin-key')
    await loadAdminKey(file, database, realSystem)
    const first = readFileSync(file, 'utf8').trim()
    writeFileSync(file, aKey)

    await loadAdminKey(file, database, realSystem)

    await request(app).post('/tokens').auth(first, bearer).expect(401)
    await request(app).post('/tokens').auth(aKey, bearer).expect(200)
    await request(app).post('/tokens').auth(user.apiKey, bearer).expect(200)
    expect(await database.read.all("SELECT subject FROM api_keys WHERE subject = 'admin'")).toHaveLength(1)
  })

  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['31 characters', 'k'.repeat(31)],
    ['257 characters', 'k'.repeat(257)],
    ['a blank within', `${aKey} ${aKey}`],
    ['two lines', `${aKey}\n${aKey}`],
    ['what is no key', `${aKey}!`],
  ])('stops the start if the file holds %s, and is not shown', async (_situation, content) => {
    const file = join(temporaryFolder(), 'admin-key')
    writeFileSync(file, content)
    const refused = await refusal(file)
    expect(refused).toBeInstanceOf(OperatorError)
    expect((refused as OperatorError).message).toBe(
      `${file} holds no admin key: it must be 32 to 256 of A-Z a-z 0-9 _ -`,
    )
    expect(readFileSync(file, 'utf8')).toBe(content)
  })

  it('can have 256 characters', async () => {
    const { app, database } = await testUsers()
    const file = join(temporaryFolder(), 'admin-key')
    writeFileSync(file, 'k'.repeat(256))
    await loadAdminKey(file, database, realSystem)
    await request(app).post('/tokens').auth('k'.repeat(256), bearer).expect(200)
  })

  it('stops the start if its folder cannot be used or created', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    for (const file of [join(folder, 'file', 'admin-key'), join(folder, 'file', 'within', 'admin-key')]) {
      const refused = await refusal(file)
      expect(refused).toBeInstanceOf(OperatorError)
      expect((refused as OperatorError).message).toContain(`the admin key file ${file} cannot be used: `)
      expect(existsSync(file)).toBe(false)
    }
  })

  it('stops the start if the file cannot be created', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'admin-key')
    symlinkSync(join(folder, 'nowhere'), file)
    const refused = await refusal(file)
    expect(refused).toBeInstanceOf(OperatorError)
    expect((refused as OperatorError).message).toContain(`the admin key file ${file} cannot be used: EEXIST`)
  })

  it('is written completely or not at all: an interrupted start leaves no key', async () => {
    const file = join(temporaryFolder(), 'admin-key')
    mkdirSync(`${file}.new`) // it cannot be written
    expect(await refusal(file)).toBeInstanceOf(OperatorError)
    expect(existsSync(file)).toBe(false)
    rmSync(`${file}.new`, { recursive: true })
    writeFileSync(`${file}.new`, 'half a k') // what a crash left
    const { database } = await testUsers()
    await loadAdminKey(file, database, realSystem)
    expect(readFileSync(file, 'utf8')).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
    expect(existsSync(`${file}.new`)).toBe(false)
  })

  it('stops the start if the file cannot be read', async () => {
    const file = join(temporaryFolder(), 'admin-key')
    mkdirSync(file)
    expect(await refusal(file)).toBeInstanceOf(OperatorError)
  })
})
