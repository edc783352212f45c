import { serviceNames, type Service } from '../api/http'
import { fields, list, text } from '../api/parse'
import type { Admin } from './admin'

export interface LogLine {
  service: Service
  at: number
  message: string
  /** Of the line of a request: method, route and status. */
  request: { title: string; status: string; ms: number } | undefined
  /** The line as it was written. */
  raw: string
}

/** The lines of both services about a request or an order, oldest first. Throws NoResponse or Unexpected. */
export async function logLinesAbout(admin: Admin, ids: readonly string[]): Promise<LogLine[]> {
  const found = new Map<string, LogLine>()
  for (const service of serviceNames) {
    for (const id of ids) {
      const { status, body } = await admin.call({
        service,
        method: 'GET',
        path: `/log-lines?about=${id}`,
        isPoll: true,
      })
      if (status !== 200) continue // CHAOS is off, or the page may not see them
      for (const line of list(body, (it) => lineIn(service, it))) found.set(line.raw, line)
    }
  }
  return [...found.values()].sort((a, b) => startOf(a) - startOf(b))
}

export function startOf({ at, request }: LogLine): number {
  return at - (request?.ms ?? 0)
}

function lineIn(service: Service, value: unknown): LogLine {
  const raw = text(value, 'a line')
  const { time, msg, method, route, status, ms } = fields(JSON.parse(raw), 'a line')
  return {
    service,
    raw,
    at: Date.parse(text(time, 'a time')),
    message: text(msg, 'a message'),
    request:
      typeof ms === 'number' ? { title: `${String(method)} ${String(route)}`, status: String(status), ms } : undefined,
  }
}
