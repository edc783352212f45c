import { tokenSeconds } from '@tandem/chassis/auth/signing-key'
import type { ServiceContext } from '@tandem/chassis/service/service-definition'
import { userRoutes } from './accounts/account-routes'
import { Eraser } from './accounts/erasure'
import type { Config } from './config'
import { creditRoutes } from './credit/credit-routes'
import { migrations } from './database/migrations'
import { problemTypes } from './problems'
import { loadAdminKey } from './tokens/admin-key'
import { apiKeys } from './tokens/api-key-store'
import { tokenRoutes } from './tokens/token-routes'
import { userEvents } from './users/user-events'

type OwnConfig = Pick<Config, 'adminKeyFile' | 'signupCreditCents' | 'trustedServices'> & {
  tokenAudiences: readonly string[]
}

/** user-service, for startService. */
export function userService({ adminKeyFile, signupCreditCents, tokenAudiences, trustedServices }: OwnConfig) {
  const services = trustedServices.map(({ name, jwksUrl }) => ({
    issuer: name,
    jwksUrl,
    scopes: ['service'],
    subject: name,
    maxTokenSeconds: tokenSeconds.service,
  }))
  return {
    name: 'user-service',
    migrations,
    problemTypes,
    events: { types: userEvents, who: ['service', 'admin'] },
    trusts: [{ issuer: 'user-service', scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access }, ...services],
    // A service that calls us has up to 128 calls in flight: if we refused some of them, its circuit would open.
    minInFlight: 128 + 32,
    build: ({ database, signingKeys, system, log }: ServiceContext) => {
      const deps = { database, signingKeys, signupCreditCents, tokenAudiences, system }
      return {
        routes: [...tokenRoutes(deps), ...userRoutes(deps), ...creditRoutes(deps)],
        jobs: [new Eraser({ database, system, log })],
        prepare: () => loadAdminKey(adminKeyFile, database, system),
        onReady: () => {
          log.info({ file: adminKeyFile, show: `cat ${adminKeyFile}` }, 'admin key')
        },
        ownCredential: apiKeys(database.read),
      }
    },
  }
}
