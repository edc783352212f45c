import type { ServiceName } from './compose-stack'

const tricks = [
  '/metrics',
  '/metrics/',
  '/metrics//',
  '/metrics/x',
  '/metrics?x=1',
  '/metrics;x=1',
  '/metrics.',
  '/metrics/.',
  '/metrics/x/..',
  '/metrics%20',
  '/metrics%00',
  '/metrics%2f',
  '/metrics%3f',
  '/metrics%23',
  '/metrics#x',
  '/METRICS',
  '/%6detrics',
  '/%4Detrics',
  '/%256detrics',
  '//metrics',
  '///metrics//',
  '/./metrics',
  '/%2e/metrics',
  '/x/../metrics',
  '/x/%2e%2e/metrics',
  '/x/..%2fmetrics',
  '/..;/metrics',
  '/;/metrics',
  '/%2fmetrics',
  '/\\metrics',
  '/%5cmetrics',
  '%2fmetrics',
  '%2Fmetrics%2F',
  '/../user-service/metrics',
  '/../order-service/metrics',
]

/** Request targets with which somebody could try to reach the metrics of a service through the gateway. */
export function metricsTricks(service: ServiceName): string[] {
  const targets = tricks.flatMap((trick) => [`/${service}${trick}`, `http://${service}:3000/${service}${trick}`])
  return [...targets, `//${service}/metrics`, `/${service.toUpperCase()}/metrics`, `http://${service}:3000/metrics`]
}

/** Those that are no URL: a gateway may refuse them as it likes. */
export function malformedMetricsTricks(service: ServiceName): string[] {
  return ['//[/../../metrics', '//%zz/../../metrics', '//a:b/../../metrics'].map((trick) => `/${service}${trick}`)
}
