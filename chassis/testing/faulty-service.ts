import request from 'supertest'
import { jwksRoute } from '@tandem/chassis/auth/jwks-route'
import { healthRoutes } from '@tandem/chassis/server/health-routes'
import { heldRoutes } from './held-routes'
import { temporaryServer } from './server'
import { temporaryDatabase } from './temporary-database'
import { testApp } from './test-app'
import { newSigningKey, onlyKey } from './tokens'
import { VirtualSystem } from './virtual-system'

interface Options {
  isStopping?: () => boolean
  maxInFlight?: number
}

/** A service with CHAOS=on, on a real server and in virtual time. */
export async function faultyService({ isStopping = () => false, maxInFlight = 100 }: Options = {}) {
  const system = new VirtualSystem()
  const database = await temporaryDatabase([])
  const held = heldRoutes()
  const routes = [
    ...held.routes,
    ...healthRoutes({ service: 'tea', version: '1', read: database.read, isStopping }),
    jwksRoute(onlyKey(await newSigningKey())),
  ]
  const status = { replica: 'here', database, eventLoopDelay: { p99Ms: 0 } }
  const { app, token, lines } = await testApp(routes, { system, status, hasChaos: true, isStopping, maxInFlight })
  const { url, port, server } = await temporaryServer(app)
  const arrived: string[] = []
  server.on('request', ({ url: path = '' }) => arrived.push(path))
  const admin = await token('admin')
  const switchOn = (faults: object) => request(url).put('/faults').set('Authorization', admin).send(faults).expect(200)
  const switchOff = () => request(url).delete('/faults').set('Authorization', admin).expect(200)
  const inFlight = async () =>
    (await request(url).get('/status').set('Authorization', admin)).body.requests.inFlight as number
  const post = (name: string) => request(url).post('/held').send({ name })
  return { system, url, port, admin, lines, arrived, held, switchOn, switchOff, inFlight, post }
}

/** Sends a request, and gives what it resolves to a place to be looked at. */
export function sent(asked: request.Test) {
  const seen: { status?: number } = {}
  void asked.then(({ status }) => (seen.status = status))
  return seen
}
