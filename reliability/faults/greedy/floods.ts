import { METHODS } from 'node:http'
import { askPort } from '../../../e2e/support/ask'
import { serviceNames, type ComposeStack, type ServiceName } from '../../../e2e/support/compose-stack'
import { rawLoad, rawRequest } from '../load/raw-load'
import { targetIn } from '../load/slow-callers'
import { othersDuring } from './others'
import type { Part } from './part'

const connections = [32, 128]
const maxGrowth = 3

/** What anybody may ask for, and what takes long to make, asked for without a pause. Before it, a request of each method to each path. */
export const floods: Part = {
  name: 'floods',
  run: async (context) => {
    const { stack, over, short } = context
    const seconds = short ? 3 : 15
    const outcomes = await Promise.all(serviceNames.map((service) => sendOddMethods(stack, service, over)))
    const growth = Math.max(...outcomes.map(({ before, after }) => after / before))
    const figures: string[] = outcomes.map(
      ({ sent, before, after }, i) =>
        `${sent} odd methods: /metrics of ${serviceNames[i]} from ${before} to ${after} kB`,
    )
    const checks = [
      {
        says: `/metrics ${growth.toFixed(1)} times as large after odd methods, at most ${maxGrowth}`,
        holds: growth <= maxGrowth,
      },
    ]
    for (const many of connections) {
      const flood = async (service: ServiceName) =>
        rawLoad(
          {
            target: await targetIn(stack, service),
            requests: [rawRequest({ path: '/metrics' })],
            connections: many,
            inOneWrite: 1,
            reads: true,
            seconds,
          },
          over,
        )
      const { result, figure, check } = await othersDuring(context, () => Promise.all(serviceNames.map(flood)))
      figures.push(`${many} connections: ${JSON.stringify(result.map(({ statuses }) => statuses))}, ${figure}`)
      checks.push({ ...check, says: `${many} connections: ${check.says}` })
    }
    const done = `/metrics of both services by ${connections.join(' and then ')} connections each, for ${seconds} s`
    return { done, figures, checks }
  },
}

async function sendOddMethods(stack: ComposeStack, service: ServiceName, over: AbortSignal) {
  const { body } = await askPort(stack.ports[service], { path: '/openapi.json' })
  const paths = Object.keys(body.paths as object).map((path) => path.replaceAll(/\{.*?\}/g, 'x'))
  const methods = METHODS.filter((method) => method !== 'CONNECT' && method !== 'HEAD') // these two have no body to read
  const requests = methods.flatMap((method) => paths.map((path) => rawRequest({ method, path })))
  const size = async () => {
    const response = await fetch(`http://127.0.0.1:${stack.ports[service]}/metrics`)
    return Math.ceil((await response.text()).length / 1024)
  }
  const before = await size()
  const target = await targetIn(stack, service)
  await rawLoad(
    { target, requests, connections: requests.length, inOneWrite: 1, writes: 1, reads: true, seconds: 10 },
    over,
  )
  return { sent: requests.length, before, after: await size() }
}
