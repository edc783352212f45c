import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { silentLog } from '@tandem/chassis/log'
import { startService } from '@tandem/chassis/service/start-service'
import { realSystem } from '@tandem/chassis/system'
import { afterThisTest } from '../../../chassis/testing/temporary'
import { databaseUrlIn } from '../../../chassis/testing/temporary-database'
import { readConfig } from '../../src/config'
import { orderService } from '../../src/service'
import type { FakeUserService } from '../support/fake-user-service'

export interface Life {
  url: string
  child: ChildProcess
}

/** order-service as a process of its own, which dies at the point. */
export async function killable(folder: string, fake: FakeUserService, point: string): Promise<Life> {
  const child = fork(join(__dirname, 'killable-service.ts'), {
    cwd: join(__dirname, '../..'),
    execArgv: ['-C', 'development', '-r', join(__dirname, '../../../chassis/testing/run-typescript.cjs')],
    env: { ...process.env, ...(await environment(folder, fake)), KILL_AT: point },
  })
  afterThisTest(() => child.kill('SIGKILL'))
  const [port] = (await once(child, 'message')) as [number]
  return { child, url: `http://127.0.0.1:${port}` }
}

/** The next life: order-service as it is, on what the first one left. */
export async function nextLife(folder: string, fake: FakeUserService): Promise<string> {
  const config = readConfig(await environment(folder, fake), '/')
  const { port, stop } = await startService({
    definition: orderService(config),
    config,
    version: '0.0.0',
    log: silentLog,
    system: realSystem,
  })
  afterThisTest(stop)
  return `http://127.0.0.1:${port}`
}

async function environment(folder: string, fake: FakeUserService) {
  return {
    PORT: '0',
    DATABASE_URL: await databaseUrlIn(folder),
    USER_SERVICE_URL: fake.url,
    SHUTDOWN_DELAY_MS: '0',
    SHUTDOWN_GRACE_MS: '0',
  }
}

/** Tells the process that what follows is the request to die in, and waits for its end. */
export async function dyingIn({ child }: Life, request: () => Promise<unknown>): Promise<void> {
  const armed = once(child, 'message')
  child.send('arm')
  await armed
  const ended = once(child, 'exit')
  const [, [, signal]] = await Promise.all([request(), ended])
  expect(signal).toBe('SIGKILL')
}
