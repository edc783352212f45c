import { OperatorError } from '@tandem/chassis/failure'
import { readConfig } from '../src/config'

const read = (environment: Record<string, string | undefined>) => readConfig(environment, '/root')

/** What a start says of these variables. */
function refusal(environment: Record<string, string>): string {
  try {
    read(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError)
    return (error as OperatorError).message
  }
  throw new Error('it was taken')
}

const defaults = {
  root: '/root',
  port: 3000,
  host: '127.0.0.1',
  databaseUrl: 'sqlite:./data/user-service.db',
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
  rateLimitPerMinute: 600,
  trustProxy: 0,
  trustedProxies: [],
  adminKeyFile: '/root/data/admin-key',
  signupCreditCents: 100_000,
  tokenAudiences: ['user-service', 'order-service'],
  trustedServices: [{ name: 'order-service', jwksUrl: 'http://127.0.0.1:3001/.well-known/jwks.json' }],
}
const names = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'AUTH_MODE',
  'ALLOWED_HOSTS',
  'CHAOS',
  'ADMIN_KEY_FILE',
  'SIGNUP_CREDIT_CENTS',
  'TOKEN_AUDIENCES',
  'TRUSTED_SERVICES',
  'LOG_LEVEL',
  'SHUTDOWN_GRACE_MS',
]

describe('The configuration', () => {
  it('has a default for every missing variable', () => {
    expect(read({})).toEqual(defaults)
  })

  it('treats an empty variable as missing', () => {
    expect(read(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(defaults)
  })

  it.each([
    ['PORT', '0', { port: 0 }],
    ['PORT', '65535', { port: 65_535 }],
    ['HOST', '0.0.0.0', { host: '0.0.0.0', allowedHosts: ['0.0.0.0'] }],
    ['AUTH_MODE', 'open', { authMode: 'open' }],
    ['AUTH_MODE', 'required', { authMode: 'required' }],
    ['ALLOWED_HOSTS', ' Tandem.example , other', { allowedHosts: ['tandem.example', 'other', '127.0.0.1'] }],
    ['TOKEN_AUDIENCES', 'a, user-service', { tokenAudiences: ['a', 'user-service'] }],
    ['ADMIN_KEY_FILE', 'keys/admin', { adminKeyFile: '/root/keys/admin' }],
    ['ADMIN_KEY_FILE', '/keys/admin', { adminKeyFile: '/keys/admin' }],
    ['SIGNUP_CREDIT_CENTS', '0', { signupCreditCents: 0 }],
    ['SIGNUP_CREDIT_CENTS', '1000000000', { signupCreditCents: 1_000_000_000 }],
    ['LOG_LEVEL', 'silent', { logLevel: 'silent' }],
    ['SHUTDOWN_GRACE_MS', '0', { shutdownGraceMs: 0 }],
    ['SHUTDOWN_GRACE_MS', '12000', { shutdownGraceMs: 12_000 }],
    ['DATABASE_URL', 'sqlite:/d/u.db', { databaseUrl: 'sqlite:/d/u.db', adminKeyFile: '/d/admin-key' }],
    ['DATABASE_URL', 'sqlite:u.db', { databaseUrl: 'sqlite:u.db', adminKeyFile: '/root/admin-key' }],
    ['TRUSTED_SERVICES', 'a=http://h/jwks', { trustedServices: [{ name: 'a', jwksUrl: 'http://h/jwks' }] }],
    [
      'TRUSTED_SERVICES',
      ' a=http://h/jwks , b-2=https://h:1/k?v=1 ',
      {
        trustedServices: [
          { name: 'a', jwksUrl: 'http://h/jwks' },
          { name: 'b-2', jwksUrl: 'https://h:1/k?v=1' },
        ],
      },
    ],
  ])('reads %s=%s, and no other value changes', (name, value, expected) => {
    expect(read({ [name]: value })).toEqual({ ...defaults, ...expected })
  })

  const nameList = 'must be comma-separated names'
  const port = 'must be an integer from 0 to 65535'
  const credit = 'must be an integer from 0 to 1000000000'
  const grace = 'must be an integer from 0 to 12000'
  const level = 'must be one of trace, debug, info, warn, error, fatal, silent'
  const trusted = 'must look like name=url,name=url'
  it.each([
    ['PORT', '65536', port],
    ['PORT', '-1', port],
    ['PORT', '3000.5', port],
    ['PORT', '0x10', port],
    ['PORT', ' 3000', port],
    ['PORT', 'http', port],
    ['DATABASE_URL', 'sqlite:', 'must look like sqlite:<file> or postgres://<user>:<password>@<host>/<database>'],
    ['DATABASE_URL', 'postgres://h', 'must look like postgres://user:password@host:5432/database'],
    ['AUTH_MODE', 'Open', 'must be one of required, open'],
    ['ALLOWED_HOSTS', 'a,', nameList],
    ['ALLOWED_HOSTS', 'tandem.example:3000', nameList],
    ['ALLOWED_HOSTS', 'http://tandem.example', nameList],
    ['ALLOWED_HOSTS', '*', nameList],
    ['TOKEN_AUDIENCES', 'user-service,', nameList],
    ['TOKEN_AUDIENCES', 'user service', nameList],
    ['TOKEN_AUDIENCES', 'order-service', 'must name user-service too'],
    ['SIGNUP_CREDIT_CENTS', '1000000001', credit],
    ['SIGNUP_CREDIT_CENTS', '-1', credit],
    ['SIGNUP_CREDIT_CENTS', '1e3', credit],
    ['SIGNUP_CREDIT_CENTS', '9007199254740993', credit],
    ['LOG_LEVEL', 'loud', level],
    ['SHUTDOWN_GRACE_MS', '12001', grace],
    ['SHUTDOWN_GRACE_MS', '1.5', grace],
    ['TRUSTED_SERVICES', 'order-service', trusted],
    ['TRUSTED_SERVICES', 'order-service=', trusted],
    ['TRUSTED_SERVICES', '=http://h/jwks', trusted],
    ['TRUSTED_SERVICES', 'order-service=not a url', trusted],
    ['TRUSTED_SERVICES', 'order-service=ftp://h/jwks', trusted],
    ['TRUSTED_SERVICES', 'Order Service=http://h/jwks', trusted],
    ['TRUSTED_SERVICES', 'a=http://h/jwks,', trusted],
    ['TRUSTED_SERVICES', 'a=http://h/jwks,b', trusted],
    ['TRUSTED_SERVICES', 'user-service=http://h/jwks', trusted],
    ['TRUSTED_SERVICES', 'a=http://h/jwks,user-service=http://h/jwks', trusted],
    ['TRUSTED_SERVICES', 'a=http://h/jwks,a=http://i/jwks', trusted],
  ])('refuses to start with %s=%s', (name, value, message) => {
    expect(refusal({ [name]: value })).toBe(`bad configuration: ${name} ${message}`)
  })

  it('refuses to start with PostgreSQL and no place for the admin key', () => {
    const DATABASE_URL = 'postgres://u@h/d'
    expect(refusal({ DATABASE_URL })).toBe('bad configuration: ADMIN_KEY_FILE must be given with PostgreSQL')
    expect(read({ DATABASE_URL, ADMIN_KEY_FILE: 'key' }).adminKeyFile).toBe('/root/key')
  })

  it('names every bad variable at once, and shows no value', () => {
    const message = refusal(Object.fromEntries(names.map((name) => [name, 'xyzzy'])))
    for (const name of names.filter((name) => !['HOST', 'ADMIN_KEY_FILE', 'ALLOWED_HOSTS'].includes(name))) {
      expect(message).toContain(`${name} must`)
    }
    expect(message).not.toContain('xyzzy')
    expect(message).not.toContain('\n')
  })

  it('ignores unknown variables', () => {
    expect(read({ PATH: '/bin' })).toEqual(defaults)
  })
})
