import { once } from 'node:events'
import { connect } from 'node:net'
import { ok } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { temporaryServer } from '../../testing/server'
import { testApp } from '../../testing/test-app'
import { undescribed } from '../../testing/thing-routes'

describe('A handler sees an aborted signal', () => {
  it.each(['handled', 'authenticated'])('if its caller has gone while the request was %s', async (when) => {
    const arrived = Promise.withResolvers<AbortSignal>()
    const authenticating = Promise.withResolvers<undefined>()
    const gone = Promise.withResolvers<undefined>()
    const waiting = route({
      ...undescribed,
      method: 'get',
      path: '/wait',
      who: ['key'],
      handle: async ({ signal }) => {
        arrived.resolve(signal())
        await gone.promise
        return ok('nobody reads it')
      },
    })
    const findOwner = async () => {
      authenticating.resolve(undefined)
      if (when === 'authenticated') await gone.promise
      return { id: 'ada', scopes: ['key'] }
    }
    const { app } = await testApp([waiting], { ownCredential: { scope: 'key', name: '', description: '', findOwner } })
    const { port, server } = await temporaryServer(app)
    server.once('request', (_req, res) => res.once('close', gone.resolve))
    const caller = connect(port, '127.0.0.1', () =>
      caller.write('GET /wait HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ada\r\n\r\n'),
    )
    await (when === 'authenticated' ? authenticating.promise : arrived.promise)
    caller.destroy()
    const signal = await arrived.promise
    if (!signal.aborted) await once(signal, 'abort')
    expect(signal.aborted).toBe(true)
  })
})
