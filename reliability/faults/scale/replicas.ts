import { serviceNames } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'
import type { ScaleStack } from '../../harness/scale-stack'

/** Asks each replica of both services until all are ready. Answers after how many milliseconds that was. */
export async function untilAllReady(stack: ScaleStack): Promise<number> {
  const [replica = ''] = await stack.containersOf('order-service')
  const began = performance.now()
  await stack.docker('exec', replica, 'node', '-e', askAll)
  return performance.now() - began
}

/** Waits until Docker knows it too: after a pause it takes a replica for unhealthy until its next check. */
export async function whenAllHealthy(stack: ScaleStack): Promise<void> {
  await eventually(30_000, 'all replicas are healthy', async () => {
    const replicas = await stack.inspectAll(...serviceNames)
    return replicas.every(({ State }) => State.Health.Status === 'healthy') || undefined
  })
}

// One process asks all: one in each replica would take the processor time that is measured.
const askAll = `
  const { lookup } = require('node:dns/promises')
  const { setTimeout: pause } = require('node:timers/promises')
  const isReady = (url) =>
    fetch(url, { signal: AbortSignal.timeout(1000) }).then(({ status }) => status === 200, () => false)
  async function untilReady(name, port) {
    const addresses = await lookup(name, { all: true, family: 4 })
    for (const { address } of addresses) {
      const end = performance.now() + 30000
      while (!(await isReady('http://' + address + ':' + port + '/health/ready'))) {
        if (performance.now() > end) throw new Error(name + ' is not ready')
        await pause(50)
      }
    }
  }
  Promise.all([untilReady('user-service', 3000), untilReady('order-service', 3001)]).catch((error) => {
    console.error(error)
    process.exit(1)
  })`
