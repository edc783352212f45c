import { z } from 'zod'
import { Failure } from '@tandem/chassis/failure'
import { idempotencyKey } from '@tandem/chassis/http/idempotency-key'
import { parse } from '@tandem/chassis/http/parse'

const required = z.object({ 'idempotency-key': idempotencyKey })
const optional = z.object({ 'idempotency-key': idempotencyKey.optional() })

function read(schema: typeof required | typeof optional, key?: string): unknown {
  try {
    return parse(schema, { 'idempotency-key': key }, '/header')['idempotency-key']
  } catch (error) {
    return error instanceof Failure ? { code: error.code, errors: error.errors } : error
  }
}

const fault = (detail: string) => ({
  code: 'invalid-request',
  errors: [{ pointer: '/header/idempotency-key', detail }],
})

describe('An Idempotency-Key', () => {
  it.each(['12345678', 'A-b_c.d:e', 'x'.repeat(255)])('is accepted, bare or in double quotes: %s', (key) => {
    expect(read(optional, key)).toBe(key)
    expect(read(optional, `"${key}"`)).toBe(key)
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
    expect(read(optional, key)).toEqual(malformed)
    expect(read(required, key)).toEqual(malformed)
  })

  it('can be missing, unless it is required', () => {
    expect(read(optional)).toBeUndefined()
    expect(read(required)).toEqual(fault('is required'))
    expect(read(required, '"12345678"')).toBe('12345678')
  })
})
