import { Failure } from '@tandem/chassis/failure'
import { idempotencyKey, requiredIdempotencyKey } from '@tandem/chassis/http/idempotency-key'

const given = (value: string | undefined) => (name: string) => (name === 'idempotency-key' ? value : undefined)

function faultOf(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error instanceof Failure ? { code: error.code, errors: error.errors } : error
  }
}

const fault = (detail: string) => ({
  code: 'invalid-request',
  errors: [{ pointer: '/header/idempotency-key', detail }],
})

describe('An Idempotency-Key', () => {
  it.each(['12345678', 'A-b_c.d:e', 'x'.repeat(255)])('is taken, bare or in double quotes: %s', (key) => {
    expect(idempotencyKey(given(key))).toBe(key)
    expect(idempotencyKey(given(`"${key}"`))).toBe(key)
  })

  it.each([
    '',
    '1234567',
    'x'.repeat(256),
    '"1234567"',
    '"12345678',
    '12345678"',
    "'12345678'",
    '1234 5678',
    '12345678,12345678',
    'äääääääää',
    '12345678\n',
  ])('is refused: %j', (key) => {
    const malformed = fault('must be 8 to 255 of A-Z a-z 0-9 _ . : -, bare or in double quotes')
    expect(faultOf(() => idempotencyKey(given(key)))).toEqual(malformed)
    expect(faultOf(() => requiredIdempotencyKey(given(key)))).toEqual(malformed)
  })

  it('may be missing, but not where it is required', () => {
    expect(idempotencyKey(given(undefined))).toBeUndefined()
    expect(faultOf(() => requiredIdempotencyKey(given(undefined)))).toEqual(fault('is required'))
    expect(requiredIdempotencyKey(given('"12345678"'))).toBe('12345678')
  })
})
