import { runChild } from '../../testing/child'
import { freePort, temporaryServer } from '../../testing/server'

const check = (port: number, environment = {}) =>
  runChild("require('./src/service/health-check')", { ...environment, PORT: String(port) }).code

describe("The image's health check", () => {
  it('succeeds if the service is ready', async () => {
    const asked: unknown[] = []
    const { port } = await temporaryServer((req, res) => {
      asked.push(req.url)
      res.end()
    })
    expect(await check(port)).toBe(0)
    expect(asked).toEqual(['/health/ready'])
  })

  it('bypasses a proxy that the environment names', async () => {
    const { port } = await temporaryServer((_req, res) => res.end())
    const proxy = 'http://127.0.0.1:9'
    expect(await check(port, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy })).toBe(0)
  })

  it('fails if the service is not ready, or not running', async () => {
    const { port } = await temporaryServer((_req, res) => res.writeHead(503).end())
    expect(await Promise.all([check(port), check(await freePort())])).toEqual([1, 1])
  })
})
