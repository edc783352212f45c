import { z } from 'zod'
import { databaseUrl } from '../database/database-url'
import { OperatorError } from '../failure'
import { integer } from '../http/fields'
import { isWellEncoded } from '../server/path-encoding'

type Variables = Record<string, z.ZodType>

/** An empty variable counts as unset. The error names every missing or malformed variable, and never shows a value. */
export function readVariables<V extends Variables>(
  variables: V,
  environment: Readonly<Record<string, string | undefined>>,
): { [name in keyof V]: z.output<V[name]> } {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const read = z.object(variables).safeParse(given)
  if (read.success) return read.data as { [name in keyof V]: z.output<V[name]> } // zod's mapped type, spelled out
  const faults = read.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`)
  throw new OperatorError(`bad configuration: ${faults.join('; ')}`)
}

export function oneOf<const T extends readonly [string, ...string[]]>(...values: T) {
  return z.enum(values, `must be one of ${values.join(', ')}`)
}

/** An http(s) URL, without its trailing slash. */
export const httpUrl = z
  .string()
  .refine(isHttpUrl, { error: 'must be an http or https URL', abort: true })
  .refine(isSentWhole, 'must have no user name, password or fragment: they would not be sent')
  .transform((url) => url.replace(/\/+$/, ''))

export const baseUrl = httpUrl.refine((url) => !url.includes('?'), 'must have no query: it would not be sent')

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function isSentWhole(value: string): boolean {
  const { username, password } = new URL(value)
  return username === '' && password === '' && !value.includes('#')
}

export function nameList(name: RegExp) {
  return z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim().toLowerCase()))
    .refine((names) => names.every((it) => name.test(it)), 'must be comma-separated names')
}

/** Origins with commas between them, as browsers write them in `Origin`. */
const originList = z
  .string()
  .transform((list) => list.split(',').map((entry) => entry.trim().toLowerCase()))
  .refine((origins) => origins.every(isOrigin), 'must look like https://shop.example,http://127.0.0.1:8080')

function isOrigin(value: string): boolean {
  return isHttpUrl(value) && new URL(value).origin === value
}

const brokerUrl = z.string().refine(isBrokerUrl, 'must look like amqp://user@host')

function isBrokerUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password, pathname } = new URL(value)
  return /^amqps?:$/.test(protocol) && [username, password, pathname].every(isWellEncoded) // its client decodes them
}

// As OpenTelemetry's specification names them.
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

const hostName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

export const commonVariables = (defaults: { port: number; databaseUrl: string }) => ({
  PORT: integer({ min: 0, max: 65_535 }).default(defaults.port),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: databaseUrl.default(defaults.databaseUrl),
  DATABASE_POOL: integer({ min: 1, max: 1000 }).default(10),
  DATABASE_PASSWORD_FILE: z.string().optional(),
  BROKER_URL: brokerUrl.optional(),
  BROKER_PASSWORD_FILE: z.string().optional(),
  AUTH_MODE: oneOf('required', 'open').default('required'),
  ALLOWED_HOSTS: nameList(hostName).default([]),
  CHAOS: oneOf('on', 'off').default('off'),
  CORS_ORIGINS: originList.default([]),
  OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_SDK_DISABLED: oneOf('true', 'false').default('false'),
  OTEL_TRACES_SAMPLER: oneOf(...samplers).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number('must be a number').min(0).max(1).optional(),
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
  LOG_CLIENT_ADDRESS: oneOf('on', 'off').default('on'),
  MAX_IN_FLIGHT: integer({ min: 1, max: 100_000 }).default(256),
  TRUST_PROXY: integer({ min: 0, max: 100 }).default(0),
  TRUSTED_PROXIES: nameList(hostName).default([]),
  SHUTDOWN_DELAY_MS: integer({ min: 0, max: 60_000 }).default(250),
  SHUTDOWN_GRACE_MS: integer({ min: 0, max: 12_000 }).default(10_000),
  container: z.string().optional(), // systemd's container interface; set by our images and by Podman
})

export function commonConfig(read: CommonVariables) {
  return {
    port: read.PORT,
    host: read.HOST,
    databaseUrl: read.DATABASE_URL,
    databasePool: read.DATABASE_POOL,
    databasePasswordFile: read.DATABASE_PASSWORD_FILE,
    brokerUrl: read.BROKER_URL,
    brokerPasswordFile: read.BROKER_PASSWORD_FILE,
    authMode: read.AUTH_MODE,
    allowedHosts: [...read.ALLOWED_HOSTS, read.HOST.toLowerCase()], // the operator calls the service by HOST
    hasChaos: read.CHAOS === 'on',
    corsOrigins: read.CORS_ORIGINS,
    sendsTraces: read.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined && read.OTEL_SDK_DISABLED === 'false',
    logLevel: read.LOG_LEVEL,
    logClientAddress: read.LOG_CLIENT_ADDRESS === 'on',
    maxInFlight: read.MAX_IN_FLIGHT,
    trustProxy: read.TRUST_PROXY,
    trustedProxies: read.TRUSTED_PROXIES,
    shutdownDelayMs: read.SHUTDOWN_DELAY_MS,
    shutdownGraceMs: read.SHUTDOWN_GRACE_MS,
    inContainer: read.container !== undefined,
  }
}

type CommonVariables = {
  [name in keyof ReturnType<typeof commonVariables>]: z.output<ReturnType<typeof commonVariables>[name]>
}
