import { runChild } from './support/child'
import { freePort, temporaryServer } from './support/server'

const check = (port: number) => runChild(`process.env.PORT = '${port}'; require('./src/health-check')`).code

describe('The health check of an image', () => {
  it('succeeds where the service is ready', async () => {
    const asked: unknown[] = []
    const { port } = await temporaryServer((req, res) => {
      asked.push(req.url)
      res.end()
    })
    expect(await check(port)).toBe(0)
    expect(asked).toEqual(['/health/ready'])
  })

  it('fails where the service is not ready, or not there', async () => {
    const { port } = await temporaryServer((_req, res) => res.writeHead(503).end())
    expect(await Promise.all([check(port), check(await freePort())])).toEqual([1, 1])
  })
})
