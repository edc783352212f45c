import { serverLimits } from '@tandem/chassis/server/listen'
import { documentText } from '../../harness/commands'

const caddyfile = documentText('gateway/Caddyfile')
const services = [...caddyfile.matchAll(/^\timport service (\S+) (\d+)$/gm)].map(([, name, port]) => [name!, port!])

/** The milliseconds after a word. */
function durationOf(pattern: RegExp, text = caddyfile): number {
  const [, amount, unit] = new RegExp(`${pattern.source} (\\d+)(ms|s)\\b`).exec(text) ?? []
  expect(amount).toBeDefined()
  return Number(amount) * (unit === 's' ? 1000 : 1)
}

test.each(services)('the gateway reaches %s at port %s, at which its image and Compose have it', (name, port) => {
  expect(documentText(`${name}/Dockerfile`)).toMatch(new RegExp(`^EXPOSE ${port}$`, 'm'))
  expect(documentText('docker-compose.yml')).toContain(`-${port}}:${port}']`)
})

test('the gateway closes an idle connection before a service does', () => {
  expect(durationOf(/import upstream \S+ \S+/)).toBeLessThan(serverLimits.keepAliveTimeout)
})

test('the gateway waits for a response for longer than a reader of a feed may wait', () => {
  const longestPoll = 30_000 // see the contract of GET /events: the maximum of `timeout`
  expect(documentText('chassis/src/events/feed-route.ts')).toContain('30_000')
  expect(durationOf(/response_header_timeout/)).toBeGreaterThan(longestPoll)
})

test('the gateway tries for longer than one upstream takes to be out of reach, and sends nothing again', () => {
  expect(durationOf(/lb_try_duration/)).toBeGreaterThan(durationOf(/dial_timeout/))
  expect(caddyfile).toContain('lb_retry_match expression false')
})

test('the gateway lets requests finish for less time than Compose waits before it kills', () => {
  expect(durationOf(/grace_period/)).toBeLessThan(durationOf(/stop_grace_period:/, documentText('docker-compose.yml')))
})

// With it and without the capability, the kernel does not start the program.
test("the gateway's image has a copy of Caddy, which has no capability of the file that it came as", () => {
  expect(documentText('gateway/Dockerfile')).toMatch(
    /^RUN cp \/usr\/bin\/caddy (\S+) && mv \1 \/usr\/bin\/caddy( \\)?$/m,
  )
})

test('npm start serves the console with the policy of the gateway', () => {
  const policy = /Content-Security-Policy "([^"]+)"/.exec(caddyfile)?.[1]
  expect(policy).toContain("script-src 'self'")
  const parts = [...documentText('console/vite.config.mts').matchAll(/^ {2}"(.+)",$/gm)].map(([, part]) => part)
  expect(parts.join('; ')).toBe(policy)
})
