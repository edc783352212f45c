import { readConfig } from '../src/config'

describe('The configuration', () => {
  it('has a default for every variable that is missing or empty', () => {
    const expected = {
      root: '/root',
      port: 3001,
      host: '127.0.0.1',
      databaseUrl: 'sqlite:./data/order-service.db',
      databasePool: 10,
      authMode: 'required',
      allowedHosts: ['127.0.0.1'],
      hasChaos: false,
      sendsTraces: false,
      corsOrigins: [],
      logLevel: 'info',
      logClientAddress: true,
      shutdownDelayMs: 250,
      shutdownGraceMs: 10_000,
      inContainer: false,
      maxInFlight: 256,
      trustProxy: 0,
      trustedProxies: [],
      userServiceUrl: 'http://127.0.0.1:3000',
      pendingTimeoutMs: 600_000,
    }
    const names = [
      'PORT',
      'HOST',
      'DATABASE_URL',
      'AUTH_MODE',
      'ALLOWED_HOSTS',
      'CHAOS',
      'LOG_LEVEL',
      'SHUTDOWN_GRACE_MS',
      'USER_SERVICE_URL',
      'PENDING_TIMEOUT_SECONDS',
    ]
    expect(readConfig({}, '/root')).toEqual(expected)
    expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])), '/root')).toEqual(expected)
  })

  it('uses the given values, without the trailing slash of a URL', () => {
    const given = {
      PORT: '0',
      USER_SERVICE_URL: 'https://users.example/base/',
      PENDING_TIMEOUT_SECONDS: '1',
      AUTH_MODE: 'open',
      CHAOS: 'on',
    }
    expect(readConfig(given, '/root')).toMatchObject({
      port: 0,
      userServiceUrl: 'https://users.example/base',
      pendingTimeoutMs: 1000,
      authMode: 'open',
      hasChaos: true,
    })
  })

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3001.5'],
    ['PORT', 'three'],
    ['USER_SERVICE_URL', 'user-service:3000'],
    ['USER_SERVICE_URL', 'ftp://127.0.0.1'],
    ['PENDING_TIMEOUT_SECONDS', '0'],
    ['PENDING_TIMEOUT_SECONDS', '86401'],
    ['SHUTDOWN_GRACE_MS', '12001'],
    ['MAX_IN_FLIGHT', '0'],
    ['TRUST_PROXY', 'true'],
    ['TRUSTED_PROXIES', 'http://gateway'],
    ['AUTH_MODE', 'off'],
    ['CHAOS', 'true'],
    ['ALLOWED_HOSTS', 'tandem.example:3001'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://127.0.0.1/orders'],
  ])('refuses %s=%s, and names it', (name, value) => {
    expect(() => readConfig({ [name]: value }, '/root')).toThrow(new RegExp(`^bad configuration: ${name} must`))
  })

  it('names every bad variable', () => {
    expect(() => readConfig({ PORT: 'x', AUTH_MODE: 'y' }, '/root')).toThrow(/PORT must .*; AUTH_MODE must/)
  })

  it('never shows a value: it might be a misplaced secret', () => {
    expect(() => readConfig({ USER_SERVICE_URL: 'hunter2' }, '/root')).not.toThrow('hunter2')
  })
})
