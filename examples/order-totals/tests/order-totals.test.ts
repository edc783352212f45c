import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { runExample } from './support/example'
import { Services } from './support/services'

const variablesFor = ({ users, orders, adminKey }: Services) => ({
  USER_SERVICE_URL: users,
  ORDER_SERVICE_URL: orders,
  ADMIN_KEY: adminKey,
})

describe('order-totals', () => {
  it("prints a total each time it changes, with the user's current name, until a SIGTERM", async () => {
    const services = await Services.start()
    const ada = await services.signUp('Ada')
    const first = await services.order(ada)
    const second = await services.order(ada)
    const example = runExample(variablesFor(services))
    await example.says(`${ada.id}  9998 cents  Ada`)

    await services.rename(ada, 'Augusta')
    await services.readersWait()
    await services.cancel(second)
    await example.says(`${ada.id}  4999 cents  Augusta`)
    await services.delete(ada)
    await services.readersWait()
    await services.cancel(first)
    await example.says(`${ada.id}  0 cents  (no name)`)

    example.signal('SIGTERM')
    const { code, lines, complaints } = await example.ended()
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
    expect(lines.split('\n').slice(0, -1)).toEqual([
      `${ada.id}  4999 cents  Ada`,
      `${ada.id}  9998 cents  Ada`,
      `${ada.id}  4999 cents  Augusta`,
      `${ada.id}  0 cents  (no name)`,
    ])
  })

  it('recovers after both services were away and came back with other keys and a new order log', async () => {
    const services = await Services.start()
    const ada = await services.signUp('Ada')
    await services.order(ada)
    const example = runExample(variablesFor(services))
    await example.says(`${ada.id}  4999 cents  Ada`)

    await services.stop()
    await example.complainsOf(services.users)
    await example.complainsOf(services.orders)
    const database = new DatabaseSync(services.file('users'))
    database.exec('DELETE FROM signing_keys')
    database.close()
    rmSync(services.file('orders'))
    await services.start()
    const bob = await services.signUp('Bob')
    await services.readersWait() // else the example can read the order first, and has no name for it
    await services.order(bob)
    await example.says(`${bob.id}  4999 cents  Bob`)
    await services.order(ada)
    await example.says(`${ada.id}  4999 cents  Ada`) // not with what another log told

    example.signal('SIGINT')
    const { code, lines } = await example.ended()
    expect(code).toBe(0)
    expect(lines.split('\n')).toHaveLength(3 + 1)
  })

  it('escapes control characters in a name that an older service accepted', async () => {
    const services = await Services.start()
    const ada = await services.signUp('Ada')
    await services.order(ada)
    await services.stop()
    const database = new DatabaseSync(services.file('users'))
    const rename = database.prepare("UPDATE events SET data = json_set(data, '$.name', ?) WHERE subject = ?")
    rename.run('A\u001b[2J\n\u009b', ada.id)
    database.close()
    await services.start()
    const example = runExample(variablesFor(services))
    await example.says(`${ada.id}  4999 cents  A\\u001b[2J\\u000a\\u009b`)
  })

  it('prints one line and exits with 1 without ADMIN_KEY', async () => {
    expect(await runExample({ ADMIN_KEY: '' }).ended()).toEqual({
      code: 1,
      lines: '',
      complaints: 'order-totals: ADMIN_KEY must be set to the key of the administrator\n',
    })
  })
})
