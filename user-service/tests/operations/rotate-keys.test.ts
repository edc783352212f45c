import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import request from 'supertest'
import { eventually } from '../../../chassis/testing/temporary'
import { databaseUrlIn } from '../../../chassis/testing/temporary-database'
import { adminToken, started } from '../support/started-service'
import { bearer, newEmail } from '../support/user-app'

const runTypeScript = join(__dirname, '../../../chassis/testing/run-typescript.cjs')
const cli = join(__dirname, '../../src/operations/cli.ts')

async function rotateKeys(folder: string): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: await databaseUrlIn(folder),
    ADMIN_KEY_FILE: join(folder, 'admin-key'),
  }
  const args = ['-C', 'development', '-r', runTypeScript, cli, 'rotate-keys']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  expect(code).toBe(0)
  return printed
}

test('rotate-keys, a process beside the running service, publishes a new key, and no request fails', async () => {
  const { url, folder, adminKey } = await started()
  const keys = async () => {
    const { body } = await request(url).get('/.well-known/jwks.json').expect(200)
    return (body.keys as { kid: string }[]).map(({ kid }) => kid)
  }
  const [first] = await keys()
  const token = await adminToken(url, adminKey)

  const command = { ended: false }
  const rotating = rotateKeys(folder).finally(() => (command.ended = true))
  while (!command.ended) await request(url).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
  const [, added] = /^key (\S+) is published now/.exec(await rotating) ?? []

  const published = await eventually(async () => {
    const found = await keys()
    return found.length === 2 ? found : undefined
  })
  expect(published).toEqual([first, added])
  for (const valid of [token, await adminToken(url, adminKey)])
    await request(url).get('/users?limit=1').auth(valid, bearer).expect(200)
})
