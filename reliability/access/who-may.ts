import type { ServiceName } from '../harness/service-processes'

/** `owner` is a user who asks for what is its own; `key` an API key of that user, instead of a token. */
export type Kind = 'anyone' | 'key' | 'owner' | 'admin' | 'service'

const pages = [
  'get /',
  'get /openapi.json',
  'get /docs',
  'get /docs/start.js',
  'get /docs/swagger-ui.css',
  'get /docs/swagger-ui-bundle.js',
  'get /metrics',
  'get /problems/{code}',
  'get /health',
  'get /health/ready',
  'get /health/live',
  'get /.well-known/jwks.json',
]
const forOperators = [
  'get /status',
  'get /faults',
  'put /faults',
  'delete /faults',
  'post /faults/crash',
  'get /log-lines',
]

const ofEveryService: [string, Kind[]][] = [
  ...pages.map((name): [string, Kind[]] => [name, ['anyone']]),
  ...forOperators.map((name): [string, Kind[]] => [name, ['admin']]),
]

/** Who may do what, written by hand from the contract: a route that is not here fails `npm run access-matrix`. */
export const whoMay: Readonly<Record<ServiceName, ReadonlyMap<string, readonly Kind[]>>> = {
  'user-service': new Map<string, Kind[]>([
    ...ofEveryService,
    ['post /users', ['anyone']],
    ['post /tokens', ['key']],
    ['post /users/{id}/keys', ['key', 'admin']],
    ['get /users', ['admin']],
    ['get /users/{id}', ['owner', 'admin', 'service']],
    ['patch /users/{id}', ['owner', 'admin']],
    ['delete /users/{id}', ['owner', 'admin']],
    ['post /users/{id}/deposits', ['admin']],
    ['put /users/{id}/holds/{orderId}', ['service']],
    ['post /holds', ['service']],
    ['delete /users/{id}/holds/{orderId}', ['service']],
    ['get /events', ['service', 'admin']],
  ]),
  'order-service': new Map<string, Kind[]>([
    ...ofEveryService,
    ['get /products', ['anyone']],
    ['get /products/{id}', ['anyone']],
    ['put /products/{id}', ['admin']],
    ['post /orders', ['owner', 'admin']],
    ['get /orders', ['owner', 'admin']],
    ['get /orders/{id}', ['owner', 'admin']],
    ['get /orders/{id}/timeline', ['owner', 'admin']],
    ['post /orders/{id}/cancel', ['owner', 'admin']],
    ['post /user-copy/rebuild', ['admin']],
    ['get /parked-events', ['admin']],
    ['post /parked-events/{id}/retry', ['admin']],
    ['get /events', ['admin']],
  ]),
}
