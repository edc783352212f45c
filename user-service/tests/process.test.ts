import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import request from 'supertest'
import { afterThisTest, eventually, temporaryFolder } from '../../chassis/testing/temporary'
import { databaseUrlIn } from '../../chassis/testing/temporary-database'
import { adminToken } from './support/started-service'
import { bearer, newEmail } from './support/user-app'

/** user-service as a process of its own, as `npm run dev` starts it but for the watching. */
async function startProcess(environment: Record<string, string>) {
  const folder = temporaryFolder()
  const args = ['-C', 'development', '-r', join(__dirname, '../../chassis/testing/run-typescript.cjs'), 'src/main.ts']
  const child = spawn(process.execPath, args, {
    cwd: join(__dirname, '..'),
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: await databaseUrlIn(folder),
      ADMIN_KEY_FILE: `${folder}/admin-key`,
      AUTH_MODE: 'required',
      SIGNUP_CREDIT_CENTS: '100000',
      TRUSTED_SERVICES: 'order-service=http://127.0.0.1:9/jwks',
      LOG_LEVEL: 'info',
      SHUTDOWN_GRACE_MS: '10000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (printed.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  afterThisTest(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, folder, printed, ended }
}

describe('The process of user-service', () => {
  it('writes the response to POST /faults/crash, and ends with exit code 1 without a farewell', async () => {
    const { folder, printed, ended } = await startProcess({ CHAOS: 'on' })
    const port = await eventually(() => /"port":(\d+)/.exec(printed.stdout)?.[1])
    const url = `http://127.0.0.1:${port}`
    const token = await adminToken(url, readFileSync(`${folder}/admin-key`, 'utf8').trim())
    const held = fetch(`${url}/events?timeout=30000`, { headers: { Authorization: `Bearer ${token}` } })
    const cut = held.then(
      () => 'a response',
      () => 'cut',
    )
    const { status } = await request(url).post('/faults/crash').auth(token, bearer)
    expect(status).toBe(202)
    expect(await ended).toBe(1)
    expect(await cut).toBe('cut')
    expect(printed.stdout).toContain('"msg":"crashing, as an administrator asked"')
    expect(printed.stdout).not.toContain('"msg":"stop')
    expect(printed.stderr).toBe('')
  })

  it('finds the lines that it logged of a request', async () => {
    const { folder, printed } = await startProcess({ CHAOS: 'on' })
    const port = await eventually(() => /"port":(\d+)/.exec(printed.stdout)?.[1])
    const url = `http://127.0.0.1:${port}`
    const token = await adminToken(url, readFileSync(`${folder}/admin-key`, 'utf8').trim())
    await request(url).get('/nowhere').set('X-Request-Id', 'a-lost-request')
    const { body } = await request(url).get('/log-lines?about=a-lost-request').auth(token, bearer)
    expect(body).toEqual([expect.stringContaining('"route":"none","status":404')])
  })

  it('exits with 0 on SIGTERM, after the request in progress', async () => {
    const { child, printed, ended } = await startProcess({})
    const port = await eventually(() => /"port":(\d+)/.exec(printed.stdout)?.[1])
    const body = JSON.stringify({ name: 'Ada', email: newEmail() })
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      Expect: '100-continue',
    }
    const asked = http.request({ host: '127.0.0.1', port, method: 'POST', path: '/users', headers })
    asked.flushHeaders()
    await once(asked, 'continue')

    child.kill('SIGTERM')
    await eventually(() => printed.stdout.includes('"msg":"stopping"'))
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [http.IncomingMessage]
    answer.resume()

    expect(answer.statusCode).toBe(201)
    expect(await ended).toBe(0)
    expect(printed.stdout).toContain('"msg":"stopped"')
    expect(printed.stderr).toBe('')
  })

  it('exits with 1 and one line that says why it cannot start', async () => {
    const somebody = createServer().listen(0, '127.0.0.1')
    await once(somebody, 'listening')
    afterThisTest(() => somebody.close())
    const { port } = somebody.address() as AddressInfo

    const taken = await startProcess({ PORT: String(port) })
    const misread = await startProcess({ PORT: 'x', AUTH_MODE: 'x', SIGNUP_CREDIT_CENTS: 'x', TRUSTED_SERVICES: 'x' })

    expect(await taken.ended).toBe(1)
    expect(taken.printed.stderr).toBe(`user-service: cannot listen on 127.0.0.1:${port}: it is taken\n`)
    expect(await misread.ended).toBe(1)
    expect(misread.printed.stderr).toMatch(
      /^user-service: bad configuration: PORT .*; AUTH_MODE .*; SIGNUP_CREDIT_CENTS .*; TRUSTED_SERVICES .*\n$/,
    )
    expect(taken.printed.stdout).not.toContain('"msg":"ready"') // it may have asked for others' keys
    expect(misread.printed.stdout).toBe('')
  })
})
