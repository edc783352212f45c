import type { Reply } from '../src/api/http'
import { Unexpected } from '../src/api/parse'
import { outcomeOf, pauseBeforeRetry } from '../src/shop/retry'

const reply = (status: number, body: unknown = {}, headers = {}): Reply => ({
  status,
  body,
  headers: new Headers(headers),
  tookMs: 1,
})
const order = { id: 'a', status: 'pending', reason: null, totalCents: 1, createdAt: '2026-01-01T00:00:00Z', items: [] }

describe('A request for an order', () => {
  it.each([200, 201, 202, 400, 402, 404, 422])('is not sent again after a %i', (status) => {
    expect(pauseBeforeRetry(reply(status, { code: 'user-not-found' }), 1, 0.5)).toBeUndefined()
  })

  it.each([401, 404, 408, 429, 500, 503])('is sent again after a %i', (status) => {
    expect(pauseBeforeRetry(reply(status), 1, 0)).toBe(250)
  })

  it('is sent again without a response, less often each time, and at least every 5 seconds', () => {
    const pauses = [1, 2, 3, 4, 5, 100].map((attempts) => pauseBeforeRetry(undefined, attempts, 1))
    expect(pauses).toEqual([500, 1000, 2000, 4000, 5000, 5000])
  })

  it('is sent again when Retry-After says so', () => {
    expect(pauseBeforeRetry(reply(503, {}, { 'Retry-After': '7' }), 1, 1)).toBe(7000)
    expect(pauseBeforeRetry(reply(503, {}, { 'Retry-After': 'Thu, 01 Jan 2026 00:00:00 GMT' }), 1, 1)).toBe(500)
  })
})

describe('The outcome of an order', () => {
  it('is the order of a 2xx', () => {
    expect(outcomeOf(reply(202, order))).toMatchObject({ id: 'a', status: 'pending' })
  })

  it.each([
    [402, 'insufficient-credit'],
    [404, 'user-not-found'],
  ])('is a rejected order after a %i %s', (status, code) => {
    expect(outcomeOf(reply(status, { code, orderId: 'a' }))).toEqual({ id: 'a', status: 'rejected' })
  })

  it('is no order after another error', () => {
    expect(outcomeOf(reply(400, { code: 'invalid-request' }))).toBeUndefined()
    expect(outcomeOf(reply(404, undefined))).toBeUndefined()
  })

  it('is a fault of the service if a 2xx has no order that the page knows', () => {
    expect(() => outcomeOf(reply(201, { id: 'a', status: 'lost' }))).toThrow(Unexpected)
    expect(() => outcomeOf(reply(402, { code: 'insufficient-credit' }))).toThrow(Unexpected)
  })
})
