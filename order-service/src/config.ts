import { baseUrl, commonConfig, commonVariables, readVariables } from '@tandem/chassis/service/config'
import { integer } from '@tandem/chassis/http/fields'

const variables = {
  ...commonVariables({ port: 3001, databaseUrl: 'sqlite:./data/order-service.db' }),
  USER_SERVICE_URL: baseUrl.prefault('http://127.0.0.1:3000'),
  PENDING_TIMEOUT_SECONDS: integer({ min: 1, max: 86_400 }).default(600),
}

export type Config = ReturnType<typeof readConfig>

/** Relative files are resolved against `root`. The error names every bad variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, root: string) {
  const read = readVariables(variables, environment)
  return {
    root,
    ...commonConfig(read),
    userServiceUrl: read.USER_SERVICE_URL,
    pendingTimeoutMs: read.PENDING_TIMEOUT_SECONDS * 1000,
  }
}
