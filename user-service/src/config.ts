import { dirname, join, resolve } from 'node:path'
import { commonVariables, httpUrl, integer, readVariables } from '@tandem/chassis/config'
import { databaseFile } from '@tandem/chassis/database/open'
import { z } from 'zod'

export interface TrustedService {
  name: string
  jwksUrl: string
}

const trustedServices = z
  .string()
  .transform((list) => list.split(',').map((entry) => /^ *([a-z0-9-]+)=(.+?) *$/.exec(entry)?.slice(1) ?? []))
  .pipe(z.array(z.tuple([z.string().refine((name) => name !== 'user-service'), httpUrl])))
  .transform((pairs) => pairs.map(([name, jwksUrl]): TrustedService => ({ name, jwksUrl })))
  .catch((context) => {
    context.issues.push({ code: 'custom', input: context.value, message: 'must look like name=url,name=url' })
    return []
  })

const variables = {
  ...commonVariables({ port: 3000, databaseUrl: 'sqlite:./data/user-service.db' }),
  ADMIN_KEY_FILE: z.string().optional(),
  SIGNUP_CREDIT_CENTS: integer({ min: 0, max: 1_000_000_000 }).default(100_000),
  TRUSTED_SERVICES: trustedServices.prefault('order-service=http://127.0.0.1:3001/.well-known/jwks.json'),
}

export type Config = ReturnType<typeof readConfig>

/** Relative files are taken from `root`. Throws a StartError that names every bad variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, root: string) {
  const read = readVariables(variables, environment)
  const adminKeyFile = read.ADMIN_KEY_FILE ?? join(dirname(databaseFile(read.DATABASE_URL, root)), 'admin-key')
  return {
    root,
    port: read.PORT,
    host: read.HOST,
    databaseUrl: read.DATABASE_URL,
    authMode: read.AUTH_MODE,
    logLevel: read.LOG_LEVEL,
    shutdownGraceMs: read.SHUTDOWN_GRACE_MS,
    adminKeyFile: resolve(root, adminKeyFile),
    signupCreditCents: read.SIGNUP_CREDIT_CENTS,
    trustedServices: read.TRUSTED_SERVICES,
  }
}
