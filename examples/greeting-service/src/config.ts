import { baseUrl, commonConfig, commonVariables, readVariables } from '@tandem/chassis/service/config'

const variables = {
  ...commonVariables({ port: 3002, databaseUrl: 'sqlite:./data/greeting-service.db' }),
  USER_SERVICE_URL: baseUrl.prefault('http://127.0.0.1:3000'),
}

export type Config = ReturnType<typeof readConfig>

/** Relative files are taken from `root`. Throws an OperatorError that names every bad variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, root: string) {
  const read = readVariables(variables, environment)
  return { root, ...commonConfig(read), userServiceUrl: read.USER_SERVICE_URL }
}
