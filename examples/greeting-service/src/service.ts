import { tokenSeconds } from '@tandem/chassis/auth/signing-key'
import type { ServiceContext, ServiceDefinition } from '@tandem/chassis/service/service-definition'
import { upstreamMetrics } from '@tandem/chassis/upstream/upstream-metrics'
import { callLimits, UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import type { Config } from './config'
import { migrations } from './database/migrations'
import { greetingEvents } from './greetings/greeting-events'
import { greetingRoutes } from './greetings/greeting-routes'
import { problemTypes } from './problems'
import { UserClient } from './users/user-client'

/** greeting-service, for startService. */
export function greetingService({ userServiceUrl: baseUrl }: Pick<Config, 'userServiceUrl'>): ServiceDefinition {
  const jwksUrl = `${baseUrl}/.well-known/jwks.json`
  return {
    name: 'greeting-service',
    migrations,
    problemTypes,
    events: { types: greetingEvents, who: ['admin'] },
    trusts: [{ issuer: 'user-service', jwksUrl, scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access }],
    build: ({ database, connect, tokensFor, registry, system }: ServiceContext) => {
      const upstream = new UpstreamClient(connect({ baseUrl, maxSockets: callLimits.inFlight }, system), system)
      upstreamMetrics(registry, 'user-service', upstream)
      const users = new UserClient(upstream, tokensFor('user-service'), system)
      return { routes: greetingRoutes({ database, users, system }), jobs: [], upstreams: { 'user-service': upstream } }
    },
  }
}
