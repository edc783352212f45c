/**
 * A proxy between order-service and user-service, in a container of their network, that loses responses: it forwards a
 * request, gets the whole response, and does not send it on. Or it returns 503 for everything by itself. `PUT /` at the
 * second port sets which, and any other request there gets the figures.
 */
import { Agent, createServer, request, type IncomingMessage } from 'node:http'

const upstream = { host: 'user-service', port: 3000, agent: new Agent({ keepAlive: true }) }
const port = 3000
const controlPort = 3002

/** The connection is cut before an answer or in the midst of it, or stays and nothing comes any more. */
const ways = ['cut before', 'cut within', 'silence'] as const

export interface Behaviour {
  /** The share of answers that are lost, from 0 to 1. */
  lost: number
  seed: number
  /** Whether everything is answered with 503, and nothing forwarded. */
  refusing?: boolean
}

export interface Refused {
  /** When it came, in milliseconds since the epoch. */
  at: number
  path: string
  /** Of the request that it was made for. */
  requestId: string
}

export interface Figures {
  forwarded: number
  lost: Record<(typeof ways)[number], number>
  /** Each PUT and DELETE that was answered with 503 here. */
  refused: Refused[]
}

let behaviour: Behaviour = { lost: 0, seed: 0 }
const figures: Figures = { forwarded: 0, lost: { 'cut before': 0, 'cut within': 0, silence: 0 }, refused: [] }

createServer((incoming, outgoing) => {
  const { method, url, headers, socket } = incoming
  if (behaviour.refusing) {
    if (method !== 'GET') {
      figures.refused.push({ at: Date.now(), path: String(url), requestId: String(headers['x-request-id']) })
    }
    incoming.resume()
    outgoing.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
    outgoing.end('{"title":"Unavailable","status":503,"code":"unavailable"}')
    return
  }
  const cut = () => socket.destroy()
  const forwarded = request({ ...upstream, method, path: url, headers }, (answer) => {
    readWhole(answer).then((body) => {
      figures.forwarded += 1
      const way = nextWay()
      if (way !== undefined) figures.lost[way] += 1
      if (way === 'cut before') cut()
      if (way === 'cut before' || way === 'silence') return
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      if (way === undefined) outgoing.end(body)
      else outgoing.write(body.subarray(0, body.length / 2), cut)
    }, cut)
  })
  forwarded.on('error', cut) // as without a proxy, where user-service does not answer
  outgoing.on('close', () => forwarded.destroy())
  incoming.pipe(forwarded)
}).listen(port)

createServer((incoming, outgoing) => {
  void readWhole(incoming).then((body) => {
    if (incoming.method === 'PUT') behaviour = JSON.parse(body.toString()) as Behaviour
    outgoing.end(JSON.stringify(figures))
  })
}).listen(controlPort)

/** How the next answer is lost; undefined where it is not. */
function nextWay(): (typeof ways)[number] | undefined {
  behaviour.seed = (Math.imul(behaviour.seed, 1_664_525) + 1_013_904_223) >>> 0
  const drawn = behaviour.seed / 2 ** 32
  return drawn < behaviour.lost ? ways[Math.floor((drawn / behaviour.lost) * ways.length)] : undefined
}

async function readWhole(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
