import { METHODS } from 'node:http'
import { askPort } from '../../harness/ask'
import { serviceNames, type ServiceName } from '../../harness/compose-stack'
import { pause } from '../../harness/eventually'
import type { FaultContext } from '../fault'
import { rawLoad, rawLoadOfEach, rawRequest, type RawLoad } from '../load/raw-load'
import { othersDuring } from './others'
import { named, type Part } from './part'

const connections = [32, 128]
const maxMethods = 8 // those that HTTP clients use, and one for all others
const keptMs = 1_500 // the text may be kept for a second
const metrics = rawRequest({ path: '/metrics' })

/** What anybody may ask for and is dear to make, without a pause; before it, a request of each method to each path. */
export const floods: Part = {
  name: 'floods',
  run: async (context) => {
    const seconds = context.short ? 2 : 15
    const outcomes = await Promise.all(serviceNames.map((service) => sendOddMethods(context, service)))
    const figures: string[] = outcomes.map(
      ({ sent, before, after }, i) =>
        `${sent} odd methods: /metrics of ${serviceNames[i]} from ${kilobytes(before)} to ${kilobytes(after)} kB`,
    )
    const methods = Math.max(...outcomes.map(({ after }) => methodsIn(after)))
    const checks = [
      { message: `${methods} methods have series of their own, at most ${maxMethods}`, holds: methods <= maxMethods },
    ]
    for (const many of connections) {
      const load: RawLoad = { requests: [metrics], connections: many, inOneWrite: 1, reads: true, seconds }
      const {
        result,
        figure,
        checks: ofOthers,
      } = await othersDuring(context, () => rawLoadOfEach(context, { 'user-service': load, 'order-service': load }))
      figures.push(`${many} connections: ${JSON.stringify(result.map(({ statuses }) => statuses))}, ${figure}`)
      checks.push(...named(`${many} connections`, ofOthers))
    }
    const done = `/metrics of each service by ${connections.join(' and then ')} connections each, for ${seconds} s`
    return { done, figures, checks }
  },
}

async function sendOddMethods(context: FaultContext, service: ServiceName) {
  const port = context.stack.ports[service]
  const { body } = await askPort(port, { path: '/openapi.json' })
  const paths = Object.keys(body.paths as object).map((path) => path.replaceAll(/\{.*?\}/g, 'x'))
  const methods = METHODS.filter((method) => method !== 'CONNECT' && method !== 'HEAD') // these two have no body to read
  const requests = methods.flatMap((method) => paths.map((path) => rawRequest({ method, path })))
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const before = await read()
  const load: RawLoad = { requests, connections: requests.length, inOneWrite: 1, writes: 1, reads: true, seconds: 10 }
  await rawLoad(context, service, load)
  await pause(keptMs)
  return { sent: requests.length, before, after: await read() }
}

function methodsIn(text: string): number {
  return new Set(Array.from(text.matchAll(/[{,]method="(.*?)"/g), ([, method]) => method)).size
}

function kilobytes(text: string): string {
  return (text.length / 1024).toFixed(0)
}
