import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from '../request.mjs'

const everyMs = 100

/**
 * Waits until a service is ready. Throws an error that says what was not reached, if that takes longer than `withinMs`.
 * @param {string} url
 * @param {{ withinMs: number, isGone: () => boolean }} options
 * @returns {Promise<boolean>} false if the process is gone
 */
export async function whenReady(url, { withinMs, isGone }) {
  const path = `${url}/health/ready`
  const deadline = performance.now() + withinMs
  for (;;) {
    const result = await request(path).then(
      ({ status }) => `status ${status}`,
      ({ message }) => message,
    )
    if (isGone()) return false
    if (result === 'status 200') return true
    if (performance.now() > deadline) throw new Error(`${path} was not reached within ${withinMs / 1000} s: ${result}`)
    await pause(everyMs)
  }
}
