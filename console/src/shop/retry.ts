import type { Reply } from '../api/http'
import { codeIn, fields, orderIn, text, type OrderStatus } from '../api/parse'

const maxPauseMs = 5000

/**
 * How long to wait before the same request is sent again, with the same key, or undefined if the response is the last word.
 * Without a response (or after a 5xx) it is unknown whether there is an order. `random` is from 0 to 1.
 */
export function pauseBeforeRetry(reply: Reply | undefined, attempts: number, random: number): number | undefined {
  if (reply && isFinal(reply)) return undefined
  const backoff = Math.min(maxPauseMs, 250 * 2 ** Math.min(attempts, 10)) * (0.5 + random / 2)
  const asked = Number(reply?.headers.get('Retry-After') ?? 0) * 1000
  return Math.max(backoff, Number.isFinite(asked) ? asked : 0)
}

/** Whether it says what became of the order: others may come from whatever stands in between. */
function isFinal({ status, body }: Reply): boolean {
  if (status === 404) return codeIn(body) === 'user-not-found'
  return (status >= 200 && status < 300) || [400, 402, 403, 422].includes(status)
}

/**
 * The order that a final response acknowledges, a rejected one too, or undefined if it says that there is none. Throws
 * Unexpected.
 */
export function outcomeOf({ status, body }: Reply): { id: string; status: OrderStatus } | undefined {
  if (status >= 200 && status < 300) return orderIn(body)
  const isRejected = ['insufficient-credit', 'user-not-found'].includes(codeIn(body) ?? '')
  return isRejected ? { id: text(fields(body).orderId, "the order's id"), status: 'rejected' } : undefined
}
