import { join } from 'node:path'
import process from 'node:process'
import { URL } from 'node:url'

const folder = join(import.meta.dirname, '../../console')

/**
 * Serves the console and, behind the same paths as the gateway of Compose, both services. Throws if it cannot listen.
 * @param {{ host: string, port: number, services: Readonly<Record<string, string>>, development: boolean, allowedHosts: string[] }} options the
 * services' addresses by their names
 */
export async function serveConsole({ host, port, services, development, allowedHosts }) {
  const vite = await import('vite')
  const proxy = Object.fromEntries(Object.entries(services).map(([name, url]) => [`^/${name}/`, upstream(name, url)]))
  const common = { host, port, strictPort: true, proxy, allowedHosts, cors: false }
  const config = { root: folder, logLevel: 'silent' }
  await keepingListeners(async () => {
    if (development) await (await vite.createServer({ ...config, server: common })).listen()
    else await vite.preview({ ...config, preview: common })
  })
}

/** Without what the work listens for: Vite ends the process at once on SIGTERM or when its input ends. */
async function keepingListeners(work) {
  const emitters = [
    [process, 'SIGTERM'],
    [process.stdin, 'end'],
  ]
  const before = emitters.map(([emitter, event]) => emitter.listeners(event))
  await work()
  for (const [i, [emitter, event]] of emitters.entries()) {
    for (const listener of emitter.listeners(event)) if (!before[i].includes(listener)) emitter.off(event, listener)
  }
  process.stdin.pause()
}

function upstream(name, target) {
  const prefix = `/${name}`
  return {
    target,
    xfwd: true,
    headers: { 'X-Forwarded-Prefix': prefix },
    rewrite: (path) => path.slice(prefix.length),
    bypass: ({ url }) => (isMetrics(url.slice(prefix.length)) ? false : undefined), // false is a 404
    configure: (proxy) => proxy.on('error', (_error, _req, res) => sendUnavailable(res)),
  }
}

/** As the gateway decides it: whatever could be read as /metrics, or anything below it. */
function isMetrics(path) {
  try {
    return /^\/+metrics(\/|$)/i.test(decodeURIComponent(new URL(`http://service${path}`).pathname))
  } catch {
    return true // malformed: who knows how it would be read
  }
}

function sendUnavailable(res) {
  if (!res.writeHead || res.headersSent) {
    res.destroy()
    return
  }
  const problem = {
    type: 'about:blank',
    title: 'Unavailable',
    status: 503,
    detail: 'The service cannot be reached right now. Try again after the time in Retry-After.',
    code: 'unavailable',
  }
  res.writeHead(503, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Retry-After': '1',
    'Cache-Control': 'no-store',
  })
  res.end(JSON.stringify(problem))
}
