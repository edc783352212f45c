import http from 'node:http'

/**
 * Sends a request to a service on this machine, and never to a proxy: with NODE_USE_ENV_PROXY, `fetch` and the global
 * agent send loopback there too. Rejects if no whole response comes within `timeoutMs`.
 * @param {string} url
 * @param {{
 *   method?: string,
 *   headers?: import('node:http').OutgoingHttpHeaders,
 *   body?: string,
 *   timeoutMs?: number,
 *   agent?: http.Agent | false,
 * }} [options]
 * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, text: string }>}
 */
export function request(url, { method = 'GET', headers = {}, body, timeoutMs = 5_000, agent = false } = {}) {
  return new Promise((resolve, reject) => {
    const fail = (error) => {
      clearTimeout(timer)
      reject(error)
    }
    const outgoing = http.request(url, { method, headers, agent }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      incoming.on('error', fail)
      incoming.on('end', () => {
        clearTimeout(timer)
        resolve({ status: incoming.statusCode, headers: incoming.headers, text })
      })
    })
    const timer = setTimeout(() => outgoing.destroy(new Error(`no response within ${timeoutMs} ms`)), timeoutMs)
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}
