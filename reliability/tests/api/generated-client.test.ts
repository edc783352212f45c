import { execFile } from 'node:child_process'
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Services } from '../../../examples/order-totals/tests/support/services'
import { temporaryFolder } from '../../../chassis/testing/temporary'

const root = join(__dirname, '../../..')

// What a reader of the documents would write. The types of paths, bodies and responses come from the generated files.
const program = `
import createClient from 'openapi-fetch'
import type { paths as UserPaths, components } from './users'
import type { paths as OrderPaths } from './orders'

async function main([usersUrl, ordersUrl]: string[]) {
  const users = createClient<UserPaths>({ baseUrl: usersUrl! })
  const signedUp = await users.POST('/users', { body: { name: 'Ada', email: 'ada@example.com' } })
  if (signedUp.error) throw new Error(signedUp.error.detail)
  const user: components['schemas']['SignedUpUser'] = signedUp.data
  const asked = await users.POST('/tokens', { headers: { authorization: 'Bearer ' + user.apiKey } })
  if (asked.error) throw new Error(asked.error.detail)

  const orders = createClient<OrderPaths>({ baseUrl: ordersUrl! })
  orders.use({
    onRequest: ({ request }) => request.headers.set('authorization', 'Bearer ' + asked.data.accessToken),
  })
  const placed = await orders.POST('/orders', {
    params: { header: { 'Idempotency-Key': 'generated-client' } },
    body: { items: [{ productId: 'keyboard', quantity: 1 }] },
  })
  if (placed.error) throw new Error(placed.error.code)
  const read = await orders.GET('/orders/{id}', { params: { path: { id: placed.data.id } } })
  // @ts-expect-error -- a status that does not exist
  if (read.data?.status === 'lost') throw new Error()
  console.log(read.data?.totalCents, read.data?.status)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
`

test('a client that openapi-typescript generates from the documents compiles, and places an order', async () => {
  const services = await Services.start()
  const folder = mkdtempSync(join(temporaryFolder(), 'client-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'place-order.ts'), program)
  writeFileSync(join(folder, 'package.json'), '{}')
  const run = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch((error: unknown) => {
      const { stdout: out, stderr } = error as { stdout: string; stderr: string } // as execFile says
      throw new Error(`${args.join(' ')}:\n${out}${stderr}`)
    })
    return stdout
  }
  const generate = async (name: string, url: string) => {
    writeFileSync(join(folder, `${name}.json`), await (await fetch(`${url}/openapi.json`)).text())
    await run('node_modules/openapi-typescript/bin/cli.js', `${name}.json`, '-o', `${name}.ts`)
  }
  await Promise.all([generate('users', services.users), generate('orders', services.orders)])
  const options = ['--strict', '--noUncheckedIndexedAccess', '--skipLibCheck', '--types', 'node']
  await run(
    'node_modules/typescript/bin/tsc',
    ...options,
    '--module',
    'nodenext',
    '--target',
    'es2024',
    'place-order.ts',
  )
  expect(await run('place-order.js', services.users, services.orders)).toMatch(/^4999 (confirmed|pending)\n$/)
})
