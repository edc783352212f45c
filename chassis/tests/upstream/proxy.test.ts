import { runChild } from '../../testing/child'
import { temporaryServer } from '../../testing/server'

describe('A call to another service', () => {
  it('bypasses a proxy that the environment names', async () => {
    const { url } = await temporaryServer((_req, res) => res.end('direct'))
    const proxy = 'http://127.0.0.1:9'
    const child = runChild(
      `const { httpTransport } = require('./src/upstream/transport')
       const { realSystem } = require('./src/system')
       const transport = httpTransport({ baseUrl: '${url}' }, realSystem)
       transport
         .send({ method: 'GET', path: '/', headers: {} }, 5000)
         .then(({ body }) => console.log(body), ({ reason }) => console.log(reason))
         .finally(() => transport.close())`,
      { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy, NO_PROXY: '', no_proxy: '' },
    )
    expect(await child.code).toBe(0)
    expect(child.output()).toBe('direct\n')
  })
})
