import { z } from 'zod'
import { baseUrl, commonVariables, httpUrl, oneOf, readVariables } from '@tandem/chassis/service/config'
import { integer } from '@tandem/chassis/http/fields'
import { OperatorError } from '@tandem/chassis/failure'

const common = commonVariables({ port: 3000, databaseUrl: 'sqlite:./data/test.db' })

function faults(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof OperatorError) return error.message
    throw error
  }
  return 'none'
}

describe('Configuration', () => {
  const defaults = {
    PORT: 3000,
    HOST: '127.0.0.1',
    DATABASE_URL: 'sqlite:./data/test.db',
    DATABASE_POOL: 10,
    AUTH_MODE: 'required',
    ALLOWED_HOSTS: [],
    CHAOS: 'off',
    CORS_ORIGINS: [],
    LOG_LEVEL: 'info',
    LOG_CLIENT_ADDRESS: 'on',
    MAX_IN_FLIGHT: 256,
    OTEL_SDK_DISABLED: 'false',
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    TRUST_PROXY: 0,
    TRUSTED_PROXIES: [],
    SHUTDOWN_DELAY_MS: 250,
    SHUTDOWN_GRACE_MS: 10_000,
  }

  it('has a default for every common variable', () => {
    expect(readVariables(common, {})).toEqual(defaults)
  })

  it('treats an empty variable as unset', () => {
    const empty = Object.fromEntries(Object.keys(defaults).map((name) => [name, '']))
    expect(readVariables(common, { ...empty, HOST: undefined })).toEqual(defaults)
  })

  it('uses the given values, and ignores unknown ones', () => {
    const given = {
      PORT: '0',
      HOST: '::',
      DATABASE_URL: 'sqlite:/x.db',
      DATABASE_POOL: '3',
      DATABASE_PASSWORD_FILE: '/secret',
      AUTH_MODE: 'open',
      ALLOWED_HOSTS: 'b.example,A',
      CHAOS: 'on',
      CORS_ORIGINS: 'https://Shop.example, http://127.0.0.1:8080',
      LOG_LEVEL: 'silent',
      LOG_CLIENT_ADDRESS: 'off',
      MAX_IN_FLIGHT: '100000',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'key=value',
      OTEL_SDK_DISABLED: 'true',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
      TRUST_PROXY: '2',
      TRUSTED_PROXIES: 'Gateway, 192.0.2.7',
      SHUTDOWN_DELAY_MS: '60000',
      SHUTDOWN_GRACE_MS: '12000',
      PATH: '/bin',
    }
    expect(readVariables(common, given)).toEqual({
      PORT: 0,
      HOST: '::',
      DATABASE_URL: 'sqlite:/x.db',
      DATABASE_POOL: 3,
      DATABASE_PASSWORD_FILE: '/secret',
      AUTH_MODE: 'open',
      ALLOWED_HOSTS: ['b.example', 'a'],
      CHAOS: 'on',
      CORS_ORIGINS: ['https://shop.example', 'http://127.0.0.1:8080'],
      LOG_LEVEL: 'silent',
      LOG_CLIENT_ADDRESS: 'off',
      MAX_IN_FLIGHT: 100_000,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'key=value',
      OTEL_SDK_DISABLED: 'true',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: 0.5,
      TRUST_PROXY: 2,
      TRUSTED_PROXIES: ['gateway', '192.0.2.7'],
      SHUTDOWN_DELAY_MS: 60_000,
      SHUTDOWN_GRACE_MS: 12_000,
    })
  })

  it('names every fault in one line, and shows no value', () => {
    const bad = {
      PORT: 'secret',
      DATABASE_URL: 'secret',
      AUTH_MODE: 'secret',
      LOG_LEVEL: 'secret',
      SHUTDOWN_DELAY_MS: '-1',
      SHUTDOWN_GRACE_MS: '12001',
    }
    const variables = { ...common, URL: httpUrl, NEEDED: z.string('is required') }
    const message = faults(() => readVariables(variables, { ...bad, URL: 'secret' }))
    expect(message).toBe(
      'bad configuration: PORT must be an integer from 0 to 65535; DATABASE_URL must look like sqlite:<file> or postgres://<user>:<password>@<host>/<database>; ' +
        'AUTH_MODE must be one of required, open; LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; ' +
        'SHUTDOWN_DELAY_MS must be an integer from 0 to 60000; SHUTDOWN_GRACE_MS must be an integer from 0 to 12000; URL must be an http or https URL; NEEDED is required',
    )
    expect(message).not.toContain('secret')
  })

  it.each([
    '*',
    'null',
    'shop.example',
    'https://shop.example/',
    'https://a.example:443',
    'https://a.example,',
    'ws://a',
  ])('refuses the origin %s', (CORS_ORIGINS) => {
    expect(faults(() => readVariables(common, { CORS_ORIGINS }))).toContain('CORS_ORIGINS must look like')
  })

  it.each(['-1', '65536', '1.5', '1e3', '0x10', ' 1', '+1', '١', '99999999999999999', 'NaN'])(
    'has no port %s',
    (PORT) => {
      expect(faults(() => readVariables(common, { PORT }))).toContain('PORT must be an integer')
    },
  )

  it.each(['x', 'http://user@host', 'amqp://user:50%@host', 'amqp://us%er@host', 'amqp://user@host/%zz'])(
    'refuses the broker %s',
    (BROKER_URL) => {
      expect(faults(() => readVariables(common, { BROKER_URL }))).toContain(
        'BROKER_URL must look like amqp://user@host',
      )
    },
  )

  it('accepts a broker whose password is encoded', () => {
    const given = { BROKER_URL: 'amqp://user:50%25@host/%2f' }
    expect(readVariables(common, given)).toMatchObject(given)
  })

  it.each(['mysql://x', 'sqlite:', 'x.db', 'SQLITE:./x.db'])('refuses the database %s', (DATABASE_URL) => {
    expect(faults(() => readVariables(common, { DATABASE_URL }))).toContain('DATABASE_URL must look like')
  })

  it.each([
    ['sqlite::memory:', 'must be a file: each connection would open a separate in-memory database'],
    ['sqlite://./data/x.db', 'must have no // after sqlite:'],
    ['sqlite:///data/x.db', 'must have no // after sqlite:'],
    ['sqlite://x.db', 'must have no // after sqlite:'],
    ['sqlite:file:x.db', 'must be a plain file name, without file:'],
    ['sqlite:file:x?mode=memory', 'must be a plain file name, without file:'],
    ['sqlite:./x.db?mode=ro', 'must be a plain file name, without file:'],
    ['sqlite:./my%20data/x.db', 'must be a plain file name: % is not decoded'],
    ['sqlite:~/x.db', 'must be a full file name: ~ is not expanded'],
    ['sqlite: ./x.db', 'must have no blank before or after the file name'],
    ['sqlite:./x.db ', 'must have no blank before or after the file name'],
    ['sqlite:./data/', 'must be a file, not a folder'],
    ['sqlite:/', 'must be a file, not a folder'],
    ['sqlite:.', 'must be a file, not a folder'],
    ['sqlite:./data/..', 'must be a file, not a folder'],
  ])('refuses %p as a file name, and says what is expected', (DATABASE_URL, message) => {
    expect(faults(() => readVariables(common, { DATABASE_URL }))).toContain(
      `bad configuration: DATABASE_URL ${message}`,
    )
  })

  it.each(['sqlite:x.db', 'sqlite:./a b/x.db', 'sqlite:/data/数据.db', 'sqlite:C:\\data\\x.db', 'sqlite:./50%/x.db'])(
    'has a database %s',
    (DATABASE_URL) => {
      expect(readVariables(common, { DATABASE_URL }).DATABASE_URL).toBe(DATABASE_URL)
    },
  )

  it.each(['postgres://u:p@h:5432/d', 'postgresql://u@h/d?sslmode=require'])('has a database %s', (DATABASE_URL) => {
    expect(readVariables(common, { DATABASE_URL }).DATABASE_URL).toBe(DATABASE_URL)
  })

  it.each(['postgres://h', 'postgres:///d', 'postgres://h/', 'postgres://h/a/b', 'postgres://u:p@h:port/d'])(
    'refuses the database %s, as no server has one there',
    (DATABASE_URL) => {
      expect(faults(() => readVariables(common, { DATABASE_URL }))).toBe(
        'bad configuration: DATABASE_URL must look like postgres://user:password@host:5432/database',
      )
    },
  )

  it('accepts integers at both bounds', () => {
    const variable = { N: integer({ min: 5, max: 7 }) }
    expect(['5', '7', '007'].map((N) => readVariables(variable, { N }).N)).toEqual([5, 7, 7])
    expect(faults(() => readVariables(variable, { N: '4' }))).toContain('from 5 to 7')
    expect(faults(() => readVariables(variable, { N: '8' }))).toContain('from 5 to 7')
  })

  it('accepts one of several words as written', () => {
    const variable = { WORD: oneOf('a', 'b') }
    expect(readVariables(variable, { WORD: 'b' }).WORD).toBe('b')
    expect(faults(() => readVariables(variable, { WORD: 'B' }))).toContain('WORD must be one of a, b')
  })

  it('accepts http and https URLs, without trailing slashes', () => {
    const read = (URL: string) => readVariables({ URL: httpUrl }, { URL }).URL
    expect(read('http://a:1/b//')).toBe('http://a:1/b')
    expect(read('https://a/@b')).toBe('https://a/@b')
    for (const bad of ['ftp://a', 'a:1', '//a', 'http://', 'javascript:1'])
      expect(faults(() => read(bad))).toContain('URL must be')
  })

  it.each(['http://me@a', 'http://me:secret@a/b', 'http://a/b#c', 'http://a#'])(
    'refuses %s, of which a part would not be sent',
    (url) => {
      const message = faults(() => readVariables({ URL: httpUrl }, { URL: url }))
      expect(message).toBe(
        'bad configuration: URL must have no user name, password or fragment: they would not be sent',
      )
    },
  )

  it('accepts a query in a fixed URL, and none in a base URL', () => {
    const url = 'http://a/b?c=1'
    expect(readVariables({ URL: httpUrl }, { URL: url }).URL).toBe(url)
    const message = faults(() => readVariables({ URL: baseUrl }, { URL: url }))
    expect(message).toBe('bad configuration: URL must have no query: it would not be sent')
  })
})
