import { Writable } from 'node:stream'
import pino from 'pino'
import { Registry } from 'prom-client'
import type { Express } from 'express'
import { Authenticator } from '@tandem/chassis/auth/authenticator'
import type { Caller } from '@tandem/chassis/http/caller'
import type { OwnCredential } from '@tandem/chassis/auth/identify'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { tokenSeconds } from '@tandem/chassis/auth/signing-key'
import { createApp } from '@tandem/chassis/server/app'
import type { StatusSources } from '@tandem/chassis/server/status-route'
import type { LookUp } from '@tandem/chassis/server/trusted-proxies'
import type { ProblemTypes } from '@tandem/chassis/http/problem-types'
import type { Route } from '@tandem/chassis/http/route'
import type { Log } from '@tandem/chassis/log'
import type { RecentLines } from '@tandem/chassis/recent-lines'
import { realSystem, type System } from '@tandem/chassis/system'
import { traceFields, type Tracer } from '@tandem/chassis/tracing/tracing'
import { testChaos } from './test-chaos'
import { newSigningKey, onlyKey, userToken } from './tokens'

interface Line extends Record<string, unknown> {
  msg: string
}

/** A log whose lines a test can read, those at `debug` too. */
export function readableLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = []
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()))
      done()
    },
  })
  return { log: pino({ level: 'debug', mixin: traceFields }, destination), lines }
}

interface Options {
  isStopping?: () => boolean
  problemTypes?: ProblemTypes
  maxInFlight?: number
  rateLimitPerMinute?: number
  trustProxy?: number
  trustedProxies?: readonly string[]
  lookUp?: LookUp
  /** Who asks without a token. */
  anonymous?: Caller
  allowedHosts?: readonly string[]
  corsOrigins?: readonly string[]
  ownCredential?: OwnCredential
  system?: System
  logClientAddress?: boolean
  status?: StatusSources
  /** CHAOS=on. */
  hasChaos?: boolean
  crash?: () => void
  recentLines?: RecentLines
  tracer?: Tracer
}

/** An app of the routes, for which `token` makes tokens of any scope. */
export async function testApp(
  routes: readonly Route[],
  {
    isStopping = () => false,
    problemTypes = {},
    maxInFlight = 100,
    rateLimitPerMinute = 0,
    trustProxy = 0,
    trustedProxies = [],
    lookUp,
    anonymous,
    ownCredential,
    allowedHosts = [],
    corsOrigins = [],
    system = realSystem,
    logClientAddress = true,
    status,
    hasChaos = false,
    crash,
    recentLines,
    tracer,
  }: Options = {},
): Promise<{ app: Express; token: (scope?: string, subject?: string) => Promise<string>; lines: Line[] }> {
  const key = await newSigningKey()
  const issuers = new Map([
    ['issuer', { keys: ownKeys(onlyKey(key)), scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access }],
  ])
  const authenticator = new Authenticator({ audience: 'here', issuers, anonymous, system })
  const { log, lines } = readableLog()
  const app = createApp({
    service: 'test-service',
    version: '0.0.0',
    routes,
    problemTypes,
    authenticator,
    ...(ownCredential && { ownCredential }),
    isStopping,
    maxInFlight,
    rateLimitPerMinute,
    trustProxy,
    trustedProxies,
    ...(lookUp && { lookUp }),
    allowedHosts,
    corsOrigins,
    logClientAddress,
    ...(status && { status }),
    chaos: hasChaos
      ? testChaos(system, log, { ...(crash && { crash }), ...(recentLines && { recentLines }) })
      : undefined,
    ...(tracer && { tracer }),
    registry: new Registry(),
    system,
    log,
  })
  return {
    app,
    token: async (scope = 'user', subject = 'ada') => `Bearer ${await userToken(key, system, { scope, subject })}`,
    lines,
  }
}
