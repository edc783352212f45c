import http from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from '../../scripts/request.mjs'

const agent = new http.Agent({ keepAlive: true })

/**
 * Rejects if no complete response arrives within `timeoutMs`.
 * @param {number} port
 * @param {string} path
 * @param {{ method?: string, token?: string | undefined, body?: object, timeoutMs?: number, keepAlive?: boolean }} [options]
 */
export function ask(port, path, { method, token, body, timeoutMs = 10_000, keepAlive = true } = {}) {
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json' }),
  }
  const text = body && JSON.stringify(body)
  const options = { method, headers, body: text, timeoutMs, agent: keepAlive && agent }
  return request(`http://127.0.0.1:${port}${path}`, options)
}

export function isReady(port) {
  return ask(port, '/health/ready', { timeoutMs: 500, keepAlive: false }).then(
    ({ status }) => status === 200,
    () => false,
  )
}

/** Throws if the port is in use: another program would be measured. */
export async function mustBeFree(...ports) {
  for (const port of ports) if (await isReady(port)) throw new Error(`port ${port} is already in use`)
}

/** Returns how many milliseconds after `began` it was ready. */
export async function whenReady(port, began, isGone = () => false) {
  while (!(await isReady(port))) {
    if (isGone()) throw new Error(`the process for port ${port} ended`)
    if (performance.now() - began > 60_000) throw new Error(`not ready within a minute: port ${port}`)
    await pause(5)
  }
  return performance.now() - began
}
