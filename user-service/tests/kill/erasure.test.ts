import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { realSystem } from '@tandem/chassis/system'
import { afterThisTest, eventually, temporaryFolder } from '../../../chassis/testing/temporary'
import { databaseUrlIn, temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { migrations } from '../../src/database/migrations'
import { newApiKey, replaceApiKey } from '../../src/tokens/api-key-store'
import { insertUser } from '../../src/users/user-store'
import { addHistory, remains } from '../support/history'
import { newUser } from '../support/new-user'
import { started } from '../support/started-service'

/** user-service as a process of its own, on the database in the folder. */
async function killable(folder: string) {
  const child = fork(join(__dirname, 'killable-service.ts'), {
    cwd: join(__dirname, '../..'),
    execArgv: ['-C', 'development', '-r', join(__dirname, '../../../chassis/testing/run-typescript.cjs')],
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_URL: await databaseUrlIn(folder),
      ADMIN_KEY_FILE: join(folder, 'admin-key'),
    },
  })
  afterThisTest(() => child.kill('SIGKILL'))
  const [port] = (await once(child, 'message')) as [number]
  return { child, url: `http://127.0.0.1:${port}` }
}

describe('user-service killed while it erases a deleted user', () => {
  it('finishes the erasure after its restart', async () => {
    const folder = temporaryFolder()
    const [user, apiKey] = [{ ...newUser(), creditCents: 1000 }, newApiKey()]
    const before = await temporaryDatabase(migrations, { folder })
    await before.write(async (tx) => {
      await insertUser(tx, realSystem, user)
      await replaceApiKey(tx, realSystem, user.id, apiKey)
    })
    await addHistory(before, user.id, { events: 1000, holds: 1000 })
    await before.close()

    const { child, url } = await killable(folder)
    const tokens = await fetch(`${url}/tokens`, { method: 'POST', headers: { authorization: `Bearer ${apiKey}` } })
    const { accessToken } = (await tokens.json()) as { accessToken: string }
    const ended = once(child, 'exit')
    const armed = once(child, 'message')
    child.send(5) // the first one is that of the deletion
    await armed
    const headers = { authorization: `Bearer ${accessToken}` }
    expect((await fetch(`${url}/users/${user.id}`, { method: 'DELETE', headers })).status).toBe(204)
    expect(await ended).toEqual([null, 'SIGKILL'])

    const between = await temporaryDatabase(migrations, { folder })
    expect(await remains(between, user.id)).toEqual({
      names: expect.any(Number),
      held: expect.any(Number),
      redactions: 1,
    })
    expect((await remains(between, user.id)).names).toBeGreaterThan(0)
    await between.close()

    const nextLife = await started({ folder })
    await eventually(() => nextLife.lines.some((line) => line.includes('user erased')))
    await nextLife.stop()
    const after = await temporaryDatabase(migrations, { folder })
    expect(await remains(after, user.id)).toEqual({ names: 0, held: 0, redactions: 0 })
  })
})
