import http from 'node:http'

/** Docker's health check: exit code 0 if the service in this container is ready. */
const request = http.get(
  // With NODE_USE_ENV_PROXY the global agent would use a proxy.
  { host: '127.0.0.1', port: process.env.PORT, path: '/health/ready', timeout: 2000, agent: false },
  (answer) => {
    process.exit(answer.statusCode === 200 ? 0 : 1)
  },
)
request.on('timeout', () => request.destroy())
request.on('error', () => process.exit(1))
