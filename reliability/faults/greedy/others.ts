import { get } from 'node:http'
import { serviceNames } from '../../harness/compose-stack'
import { pause } from '../../harness/eventually'
import type { Check, FaultContext } from '../fault'
import { openLoop, quantile } from '../load/open-loop'
import { whenReady } from '../load/ready'
import { startSteadyOrders } from '../load/steady-orders'
import { watchHealthChecks } from './containers'

const ordersPerSecond = 40
const probesPerSecond = 10
const warmUpMs = 500
const minMs = 2_000 // else there are too few calls
const patienceMs = 10_000
const maxP99Ms = 1_000

/**
 * Callers who behave, while something is done: orders over kept connections, GET /health/ready of each service over a new
 * one each time, and Docker's health checks. A call that is refused or gets no response counts as if it took 10 s.
 */
export async function othersDuring<Result>(
  { stack, journal, over }: Pick<FaultContext, 'stack' | 'journal' | 'over'>,
  work: () => Promise<Result>,
): Promise<{ result: Result; figure: string; checks: Check[] }> {
  await Promise.all(serviceNames.map((service) => whenReady(stack, service)))
  const orders = await startSteadyOrders({ stack, journal, over }, ordersPerSecond)
  await pause(warmUpMs)
  const checkHealth = await watchHealthChecks(stack)
  const from = orders.now()
  let probing = true
  const goOn = () => probing && !over.aborted
  const probes = serviceNames.map((service) =>
    openLoop(probesPerSecond, goOn, () => statusOfNewConnection(stack.ports[service])),
  )
  const [outcome] = await Promise.allSettled([work(), pause(minMs)])
  probing = false
  const placed = (await orders.stop()).filter(({ atMs }) => atMs >= from)
  const probed = (await Promise.all(probes)).flat()
  const health = await checkHealth()
  if (outcome.status === 'rejected') throw outcome.reason
  const isServed = (status: number | undefined) => status === 200 || status === 201 || status === 202
  const waited = [...placed, ...probed].map(
    ({ tookMs, lateMs, result: status }) => (isServed(status) ? tookMs - lateMs : patienceMs), // a late caller is no fault of the service
  )
  const p99 = quantile(waited, 0.99)
  const notServed = (calls: typeof probed) => calls.filter(({ result: status }) => !isServed(status)).length
  return {
    result: outcome.value,
    figure: `others: ${notServed(placed)} of ${placed.length} orders and ${notServed(probed)} of ${probed.length} health checks refused or lost, p50 ${quantile(waited, 0.5).toFixed(0)} ms`,
    checks: [{ message: `p99 of others ${p99.toFixed(0)} ms, at most ${maxP99Ms}`, holds: p99 <= maxP99Ms }, health],
  }
}

/** Rejects if there is no response in time. */
function statusOfNewConnection(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/health/ready', agent: false, timeout: patienceMs }
    const request = get(options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no response in time')))
    request.on('error', reject)
  })
}
