import { dirname, join, resolve } from 'node:path'
import { commonConfig, commonVariables, httpUrl, nameList, readVariables } from '@tandem/chassis/service/config'
import { integer } from '@tandem/chassis/http/fields'
import { isPostgres } from '@tandem/chassis/database/database-url'
import { OperatorError } from '@tandem/chassis/failure'
import { databaseFile } from '@tandem/chassis/database/open'
import { z } from 'zod'

export interface TrustedService {
  name: string
  jwksUrl: string
}

const TrustedServices = z.array(z.object({ name: z.string(), jwksUrl: httpUrl })).refine((services) => {
  const names = services.map(({ name }) => name)
  return new Set(['user-service', ...names]).size === names.length + 1 // one key set each, and none for ourselves
})

const trustedServices = z.string().transform((list, context): TrustedService[] => {
  const entries = list.split(',').map((entry) => /^ *([a-z0-9-]+)=(.+?) *$/.exec(entry))
  const read = TrustedServices.safeParse(entries.map((entry) => ({ name: entry?.[1], jwksUrl: entry?.[2] })))
  if (read.success) return read.data
  context.issues.push({ code: 'custom', input: list, message: 'must look like name=url,name=url' })
  return z.NEVER
})

const tokenAudiences = nameList(/^[a-z0-9-]+$/).refine((names) => names.includes('user-service'), {
  message: 'must name user-service too',
  when: ({ issues }) => issues.length === 0,
})

const variables = {
  ...commonVariables({ port: 3000, databaseUrl: 'sqlite:./data/user-service.db' }),
  ADMIN_KEY_FILE: z.string().optional(),
  RATE_LIMIT_PER_MINUTE: integer({ min: 0, max: 1_000_000 }).default(600),
  SIGNUP_CREDIT_CENTS: integer({ min: 0, max: 1_000_000_000 }).default(100_000),
  TOKEN_AUDIENCES: tokenAudiences.prefault('user-service,order-service'),
  TRUSTED_SERVICES: trustedServices.prefault('order-service=http://127.0.0.1:3001/.well-known/jwks.json'),
}

export type Config = ReturnType<typeof readConfig>

/** Relative files are resolved against `root`. The error names every bad variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, root: string) {
  const read = readVariables(variables, environment)
  if (read.ADMIN_KEY_FILE === undefined && isPostgres(read.DATABASE_URL))
    throw new OperatorError('bad configuration: ADMIN_KEY_FILE must be given with PostgreSQL')
  const adminKeyFile = read.ADMIN_KEY_FILE ?? join(dirname(databaseFile(read.DATABASE_URL, root)), 'admin-key')
  return {
    root,
    ...commonConfig(read),
    rateLimitPerMinute: read.RATE_LIMIT_PER_MINUTE,
    adminKeyFile: resolve(root, adminKeyFile),
    signupCreditCents: read.SIGNUP_CREDIT_CENTS,
    tokenAudiences: read.TOKEN_AUDIENCES,
    trustedServices: read.TRUSTED_SERVICES,
  }
}
