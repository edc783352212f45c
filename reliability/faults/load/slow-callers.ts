import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { ComposeStack, ServiceName } from '../../harness/compose-stack'
import { newFolder } from '../folders'

const everyMs = 2000
const maxSeconds = 40

/** What of a request never comes to an end. */
export type Slow = 'headers' | 'body'

export interface Target {
  host: string
  port: number
  path: string
}

/** Where a service waits for bodies. Not by its published port: Docker's proxy would stand in between. */
export async function targetIn({ docker, containerOf }: ComposeStack, service: ServiceName): Promise<Target> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const host = (await docker('inspect', '--format', format, await containerOf(service))).trim()
  return service === 'user-service' ? { host, port: 3000, path: '/users' } : { host, port: 3001, path: '/orders' }
}

/**
 * With a token, without which no body is read. Answers how many connections it had at once, and how many of them were not
 * cut in the end.
 */
export async function slowHttpTest(
  { host, port, path }: Target,
  token: string,
  slow: Slow,
  connections: number,
): Promise<{ made: number; left: number }> {
  const folder = newFolder()
  const numbers = { '-c': connections, '-r': connections, '-i': everyMs / 1000, '-l': maxSeconds, '-s': 8192 }
  const options = Object.entries(numbers).flatMap(([option, value]) => [option, String(value)])
  const url = `http://${host}:${port}${path}`
  const mode = slow === 'body' ? '-B' : '-H'
  const headers = `application/json\r\nAuthorization: Bearer ${token}` // it has no option for another header
  const args = [...options, mode, '-t', 'POST', '-f', headers, '-u', url, '-g', '-o', join(folder, 'report')]
  try {
    await once(spawn('slowhttptest', args, { stdio: 'ignore' }), 'close')
    const rows = readFileSync(join(folder, 'report.csv'), 'utf8').trim().split('\n')
    const seen = rows.slice(1).map((row) => {
      const [seconds = maxSeconds, , , connected = connections] = row.split(',').map(Number)
      return { seconds, connected }
    })
    const { seconds, connected } = seen.at(-1) ?? { seconds: maxSeconds, connected: connections }
    const made = Math.max(0, ...seen.map((one) => one.connected))
    return { made, left: seconds < maxSeconds - 1 ? 0 : connected } // it ends before its time only where none is left
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** One that does the same, byte by byte. Answers after how many seconds it was cut. */
export async function dribble({ host, port, path }: Target, token: string, slow: Slow): Promise<number> {
  const socket = connect(port, host)
  await once(socket, 'connect')
  const began = performance.now()
  socket.on('error', () => undefined) // it is cut in the end
  socket.resume()
  socket.write(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`)
  socket.write(`Authorization: Bearer ${token}\r\nX-Slow: `)
  if (slow === 'body') socket.write('no\r\nContent-Length: 8192\r\n\r\n{')
  const dribbling = setInterval(() => socket.write(' '), everyMs)
  const tooLong = setTimeout(() => socket.destroy(), maxSeconds * 1000)
  await once(socket, 'close')
  clearInterval(dribbling)
  clearTimeout(tooLong)
  return (performance.now() - began) / 1000
}
