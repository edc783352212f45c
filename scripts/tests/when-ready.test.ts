import { freePort, temporaryServer } from '../../chassis/testing/server'
import { run } from './support/command'
import { root } from './support/small-repository'

/** What comes of waiting for the service at the URL for 0.3 s. */
async function waitFor(url: string): Promise<string> {
  const script = `
    import { whenReady } from './scripts/start/when-ready.mjs'
    const ready = await whenReady(process.argv[1], { withinMs: 300, isGone: () => false }).catch(({ message }) => message)
    console.log(ready)`
  const command = run(root, [process.execPath, '--input-type=module', '-e', script, url])
  expect(await command.code).toBe(0)
  return command.output().trim()
}

describe('The wait for a service', () => {
  it('ends once it is ready', async () => {
    let asked = 0
    const { url } = await temporaryServer((_req, res) => res.writeHead((asked += 1) < 3 ? 503 : 200).end())
    expect(await waitFor(url)).toBe('true')
  })

  it('ends and says what was not reached if it does not get ready', async () => {
    const { url } = await temporaryServer((_req, res) => res.writeHead(503).end())
    expect(await waitFor(url)).toBe(`${url}/health/ready was not reached within 0.3 s: status 503`)
  })

  it('ends and says what was not reached if nobody listens', async () => {
    const port = await freePort()
    expect(await waitFor(`http://127.0.0.1:${port}`)).toBe(
      `http://127.0.0.1:${port}/health/ready was not reached within 0.3 s: connect ECONNREFUSED 127.0.0.1:${port}`,
    )
  })
})
