import fc from 'fast-check'
import { oneOf, type Draw } from './values'

/** Any bytes but those that end a header field. */
export function hostileHeaderValue(draw: Draw): string {
  const known = [
    '',
    '*',
    '"1"',
    'W/"1"',
    '"',
    ',,,',
    'null',
    '../..',
    '%00',
    'é'.repeat(3),
    'a'.repeat(300),
    'a'.repeat(20_000),
  ]
  if (draw(fc.boolean)) return oneOf(draw, known)
  const codes = draw(fc.array, fc.integer({ min: 0x20, max: 0xff }), { maxLength: 60 })
  return String.fromCharCode(...codes.filter((code) => code !== 0x7f))
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = () => Math.floor(Date.now() / 1000)
const claims = () => ({ iss: 'user-service', sub: 'admin', aud: ['user-service', 'order-service'], scope: 'admin' })

// Of a factory that is given expressions, fast-check would take one for all of them.
const tokenText = () => fc.stringMatching(/^[A-Za-z0-9._~+/=-]{1,200}$/)

/** Ways to break a token, given the right Authorization header. */
export const tokens: readonly ((draw: Draw, right: string) => string)[] = [
  () => 'Bearer',
  () => 'Basic YTpi',
  (_draw, right) => right.replace('Bearer ', ''),
  (_draw, right) => `${right.slice(0, -5)}${right.endsWith('AAAAA') ? 'BBBBB' : 'AAAAA'}`,
  (draw, right) => right.slice(0, draw(fc.integer, { min: 8, max: Math.max(8, right.length - 2) })),
  (_draw, right) => `${right} ${right}`,
  (_draw, right) => right.replace(/^Bearer /, 'Bearer , '),
  () => `Bearer ${encoded({ alg: 'none', typ: 'at+jwt' })}.${encoded({ ...claims(), iat: now(), exp: now() + 900 })}.`,
  () => `Bearer ${encoded({ alg: 'HS256', typ: 'at+jwt', kid: 'x' })}.${encoded(claims())}.AAAA`,
  () => `Bearer ${encoded({ alg: 'EdDSA', kid: '__proto__' })}.${encoded({ ...claims(), iss: '__proto__' })}.AAAA`,
  () => `Bearer ${'.'.repeat(500)}`,
  () => `Bearer ${'e30.'.repeat(3)}`,
  (draw) => `Bearer ${draw(tokenText)}`,
  (draw) => `Bearer \u00e9${draw(fc.string, { unit: 'grapheme-ascii', maxLength: 50 })}`,
]
