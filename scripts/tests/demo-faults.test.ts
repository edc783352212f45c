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
