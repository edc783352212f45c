import { DatabaseSync } from 'node:sqlite'
import { Services } from '../../examples/order-totals/tests/support/services'
import { run } from './support/command'
import { root } from './support/small-repository'

jest.setTimeout(60_000) // it waits for deadlines of seconds

function demoOf(services: Services) {
  const [users, orders] = [services.users, services.orders].map((url) => new URL(url).port)
  return run(root, [process.execPath, 'scripts/demo.mjs', '--faults'], {
    USER_SERVICE_PORT: users,
    ORDER_SERVICE_PORT: orders,
    ADMIN_KEY: services.adminKey,
  })
}

function stored(services: Services) {
  const users = new DatabaseSync(services.file('users'), { readOnly: true })
  return users.prepare('SELECT id FROM users').all()
}

async function faultsOf(services: Services): Promise<unknown> {
  const headers = { Authorization: `Bearer ${await services.adminToken()}` }
  return (await fetch(`${services.users}/faults`, { headers })).json()
}

function expectInOrder(text: string, parts: readonly string[]): void {
  let from = 0
  for (const part of parts) {
    const found = text.indexOf(part, from)
    expect({ part, found }).not.toEqual({ part, found: -1 })
    from = found + part.length
  }
}

const off = { latencyMs: 0, errorRate: 0, lostResponseRate: 0, frozen: false, endsAt: null }

describe('npm run demo -- --faults', () => {
  it('shows the circuit open and all orders settle, and deletes its user', async () => {
    const services = await Services.start({ CHAOS: 'on' })
    const demo = demoOf(services)
    expect({ code: await demo.code, errors: demo.errors() }).toEqual({ code: 0, errors: '' })
    expectInOrder(demo.output(), [
      '  201\n',
      'status: confirmed\n',
      '/faults {"frozen":true}\n',
      'frozen: true\n',
      '  202\n',
      'status: pending\n',
      'Idempotent-Replayed: true\n',
      'state: open\n',
      'probesAt: 20',
      'unfinished: {"pending":',
      'frozen: false\n',
      'lost: 0\n',
      'doubled: 0\n',
      'The user is deleted',
    ])
    expect(await faultsOf(services)).toEqual(off)
    expect(stored(services)).toEqual([])
  })

  it('thaws user-service and deletes its user after a Ctrl-C', async () => {
    const services = await Services.start({ CHAOS: 'on' })
    const demo = demoOf(services)
    await demo.says('frozen: true\n')
    process.kill(demo.pid, 'SIGINT')
    expect({ code: await demo.code, errors: demo.errors() }).toEqual({ code: 1, errors: '\ndemo: interrupted\n' })
    expect(demo.output()).not.toContain('Done. Cleaning up')
    expect(await faultsOf(services)).toEqual(off)
    expect(stored(services)).toEqual([])
  })

  it('prints one clear line if CHAOS is off', async () => {
    const demo = demoOf(await Services.start())
    expect(await demo.code).toBe(1)
    expect(demo.output()).toBe('')
    expect(demo.errors()).toBe('demo: user-service has no faults to switch on: CHAOS is off. Start it with CHAOS=on.\n')
  })
})

async function counted(acknowledged: string[], listed: { id: string; status: string }[]): Promise<string> {
  const script = `
    import { countOrders } from './scripts/demo/count-orders.mjs'
    try {
      console.log(JSON.stringify(countOrders(...JSON.parse(process.argv[1]))))
    } catch ({ message }) {
      console.log(message)
    }`
  const command = run(root, [
    process.execPath,
    '--input-type=module',
    '-e',
    script,
    JSON.stringify([acknowledged, listed]),
  ])
  expect(await command.code).toBe(0)
  return command.output().trim()
}

describe('The count of npm run demo -- --faults', () => {
  const [a, b] = ['a', 'b'].map((id) => ({ id, status: 'confirmed' }))
  it.each([
    [
      'is right if each is there once, also one that was acknowledged twice',
      ['a', 'b', 'a'],
      [a, b],
      '"lost":0,"doubled":0',
    ],
    ['finds one that is lost', ['a', 'b'], [a], 'of 2 orders, 1 are confirmed, 1 lost, 0 doubled'],
    ['finds one that was never acknowledged', ['a'], [a, b], 'of 1 orders, 2 are confirmed, 0 lost, 1 doubled'],
    [
      'finds one that is not confirmed',
      ['a'],
      [{ id: 'a', status: 'cancelled' }],
      '0 are confirmed, 0 lost, 0 doubled',
    ],
  ])('%s', async (_what, acknowledged, listed, expected) => {
    expect(await counted(acknowledged, listed as { id: string; status: string }[])).toContain(expected)
  })
})
