import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askPort } from '../../harness/ask'
import { commandsOf } from '../../harness/commands'
import { eventually } from '../../harness/eventually'
import { copyRepository, npmEnvironment, npmPorts, NpmStart } from '../../harness/npm-start'
import { runInBash } from '../../harness/run-in-bash'
import { compose, environment, ports, root, serviceNames, startStack, type ServiceName } from '../../harness/stack'

test('a back-up can be restored, and no credit is lost between the two back-ups, with Compose', async () => {
  await startStack()
  const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  const run = (block: string) => runInBash(block.replaceAll('backup', folder), { cwd: root, env: environment })
  const [backUpOrders, backUpUsers, restoreBoth] = commandsOf('docs/operating.md', 'back-up')
  try {
    await backUpAndRestore(ports, {
      folder,
      backUpOrders: () => run(backUpOrders!.script),
      backUpUsers: () => run(backUpUsers!.script),
      restoreBoth: () => run(`docker compose down\n${restoreBoth!.script}`), // Compose knows of no container then, only of volumes
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a back-up can be restored, and no credit is lost between the two back-ups, with npm start', async () => {
  const repository = copyRepository()
  let npm = new NpmStart(repository.folder)
  // Would be the same for both, and is another one than npm start gives to either.
  const env = { ...npmEnvironment, DATABASE_URL: 'sqlite:./data/user-service.db' }
  const run = (block: string) => runInBash(block, { cwd: repository.folder, env })
  const [backUpOrders, backUpUsers, restoreBoth] = commandsOf('docs/operating.md', 'back-up under npm start')
  try {
    await npm.prints('ready: ')
    await backUpAndRestore(npmPorts, {
      folder: join(repository.folder, 'backup'),
      backUpOrders: () => run(backUpOrders!.script),
      backUpUsers: () => run(backUpUsers!.script),
      restoreBoth: async () => {
        await npm.interrupt()
        const said = await run(restoreBoth!.script)
        npm = new NpmStart(repository.folder)
        await npm.prints('ready: ')
        return said
      },
    })
    expect(readdirSync(join(repository.folder, 'data')).filter((name) => /\.(restored|back-up)$/.test(name))).toEqual(
      [],
    )
  } finally {
    await npm.interrupt()
    repository.remove()
  }
})

test('npm run reconcile -- --compose runs, and the stack starts after it, if nothing but the volumes is there', async () => {
  await startStack()
  await compose('down', '--rmi', 'local')
  const said = await runInBash('npm run reconcile -- --compose', { cwd: root, env: environment })
  expect(said).toMatch(/^holds: \d+ released, 0 held again, 0 not mended$/m)
  await startStack() // fails if there are two networks of one name
})

test('npm run reconcile asks for the databases if none are named, and creates none', async () => {
  const repository = copyRepository()
  const run = (command: string) => runInBash(command, { cwd: repository.folder, env: npmEnvironment })
  try {
    for (const given of ['', '-- --compose --npm-start']) {
      await expect(run(`npm run reconcile ${given}`)).rejects.toThrow('reconcile: which databases? ')
    }
    await expect(run('npm run reconcile -- --npm-start')).rejects.toThrow('there is no database ')
    expect(existsSync(join(repository.folder, 'data'))).toBe(false)
  } finally {
    repository.remove()
  }
})

interface Commands {
  /** Where they put the back-ups. */
  folder: string
  backUpOrders: () => Promise<string>
  backUpUsers: () => Promise<string>
  restoreBoth: () => Promise<string>
}

async function backUpAndRestore(at: Record<ServiceName, number>, commands: Commands): Promise<void> {
  const email = `${randomUUID()}@example.com`
  const user = await askPort(at['user-service'], { method: 'POST', path: '/users', body: { name: 'Ada', email } })
  const { apiKey, id } = user.body
  const token: string = (await askPort(at['user-service'], { method: 'POST', path: '/tokens', token: apiKey })).body
    .accessToken
  const place = async (): Promise<string> => {
    const body = { items: [{ productId: 'keyboard', quantity: 1 }] }
    const order = await askPort(at['order-service'], { method: 'POST', path: '/orders', token, body })
    expect(order.status).toBe(201)
    return order.body.id
  }
  const orderIn = (orderId: string) => askPort(at['order-service'], { path: `/orders/${orderId}`, token })

  const [kept, cancelled] = [await place(), await place()]
  await commands.backUpOrders()
  await askPort(at['order-service'], { method: 'POST', path: `/orders/${cancelled}/cancel`, token })
  const between = await place()
  await commands.backUpUsers()
  const after = await place()
  for (const service of serviceNames) {
    expect(statSync(join(commands.folder, `${service}.db`)).mode & 0o777).toBe(0o600) // also where it is copied to
  }

  const said = await commands.restoreBoth()

  expect(said).toContain(`order ${cancelled} will be cancelled`)
  expect(said).toContain(`released: 4999 cents of user ${id} for order ${between}`)
  expect(said).toContain('holds: 1 released, 0 held again, 0 not mended')
  await eventually(20_000, 'the order is cancelled', async () => {
    return (await orderIn(cancelled)).body.status === 'cancelled' || undefined
  })
  expect((await orderIn(kept)).body).toMatchObject({ status: 'confirmed', user: { id, name: 'Ada' } })
  expect(await Promise.all([orderIn(between), orderIn(after)])).toMatchObject([{ status: 404 }, { status: 404 }])
  const { body: found } = await askPort(at['user-service'], { path: `/users/${id}`, token })
  expect(found.creditCents).toBe(100_000 - 4999)
}
