/**
 * A proxy between order-service and PostgreSQL, in a container of their network, that cuts connections once a COMMIT was sent:
 * at once, or when its response has come, which is not sent on. `PUT /` at the second port sets how often, and any other
 * request there gets the figures.
 */
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer } from 'node:net'

const upstream = { host: 'postgres', port: 5432 }
const port = 5432
const controlPort = 3002

export interface Behaviour {
  /** The share of COMMITs after which the connection is cut, from 0 to 1. */
  cut: number
}

export interface Figures {
  commits: number
  cutAtOnce: number
  cutAfterwards: number
}

let behaviour: Behaviour = { cut: 0 }
const figures: Figures = { commits: 0, cutAtOnce: 0, cutAfterwards: 0 }
// As a statement, and as the response to it, both end with a zero (https://www.postgresql.org/docs/17/protocol-message-formats.html).
const commit = 'COMMIT\0'

createServer((client) => {
  const server = connect(upstream)
  let cutsAtAnswer = false
  const end = () => {
    client.destroy()
    server.destroy()
  }
  client.on('data', (data) => {
    const isCommit = data.includes(commit)
    if (isCommit) figures.commits += 1
    const drawn = isCommit ? Math.random() : 1
    if (drawn < behaviour.cut / 2) {
      figures.cutAtOnce += 1
      server.write(data, () => {
        client.destroy()
        server.end()
      })
      return
    }
    cutsAtAnswer = drawn < behaviour.cut
    server.write(data)
  })
  server.on('data', (data) => {
    if (cutsAtAnswer && data.includes(commit)) {
      figures.cutAfterwards += 1
      end()
    } else {
      client.write(data)
    }
  })
  for (const socket of [client, server]) socket.on('error', end).on('close', end)
}).listen(port)

createHttpServer((incoming, outgoing) => {
  let text = ''
  incoming
    .setEncoding('utf8')
    .on('data', (chunk: string) => (text += chunk))
    .on('end', () => {
      if (incoming.method === 'PUT') behaviour = JSON.parse(text) as Behaviour
      outgoing.end(JSON.stringify(figures))
    })
}).listen(controlPort)
