import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { realSystem as system } from '@tandem/chassis/system'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest, eventually } from '../../testing/temporary'

/** A way to the server on which nothing passes any more once it is frozen, while its connections stay. */
async function freezable(server: string) {
  const { hostname, port } = new URL(server)
  const sockets: Socket[] = []
  let isFrozen = false
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect(Number(port), hostname)
    sockets.push(client, upstream)
    client.on('data', (data) => {
      if (!isFrozen) upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (!isFrozen) client.write(data)
    })
    for (const end of [client, upstream]) end.on('error', () => undefined)
    client.on('end', () => {
      if (!isFrozen) upstream.end()
    })
    upstream.on('end', () => client.end())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = new URL(server)
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  afterThisTest(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  return {
    url: url.href,
    freeze: () => {
      isFrozen = true
    },
  }
}

test('A database whose server is frozen is closed all the same, within some seconds', async () => {
  const { url, drop } = await createDatabase(testServer!, system.newId())
  afterThisTest(drop)
  const way = await freezable(url)
  const database = await openPostgres({ url: way.url, migrations: chassisMigrations, system })
  let changes = 0
  database.onChange(() => (changes += 1))
  const lease = database.lease('work')
  await eventually(() => changes > 0 && lease.term)
  way.freeze()
  await database.close() // else the test takes too long
})
