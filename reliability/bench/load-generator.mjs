/**
 * Sends one request again and again, on connections that stay open, each with one request at a time. A process of its
 * own, with bare sockets: what it takes from the processor is not spent by the services. It gets its job from its parent
 * and sends back what it measured.
 */
import { Buffer } from 'node:buffer'
import net from 'node:net'
import { performance } from 'node:perf_hooks'
import process from 'node:process'

const headEnd = Buffer.from('\r\n\r\n')

process.on('disconnect', () => process.exit())
process.once('message', async (job) => {
  const result = await load(job).catch(({ message }) => ({ fault: message }))
  process.send(result, () => process.disconnect())
})

/**
 * @param {{ port: number, request: string, connections: number, seconds?: number, requests?: number }} job until the
 *   seconds are over or so many requests were sent
 */
async function load({ port, request, connections, seconds = Infinity, requests = Infinity }) {
  const bytes = Buffer.from(request)
  const times = []
  let [sent, refused, accepted, firstRefusal] = [0, 0, 0, undefined]
  const began = performance.now()
  const until = began + seconds * 1000
  const mayGoOn = () => sent < requests && performance.now() < until

  async function callOneByOne() {
    while (mayGoOn()) {
      const connection = new Connection(net.connect(port, '127.0.0.1'))
      let isOpen = true
      while (isOpen && mayGoOn()) {
        sent++
        const sentAt = performance.now()
        const { status, body, isLast } = await connection.ask(bytes)
        times.push(performance.now() - sentAt)
        isOpen = !isLast
        if (status === 202) accepted++
        if (status >= 200 && status < 300) continue
        refused++
        firstRefusal ??= `${status} ${body.toString().slice(0, 300)}`
      }
      connection.close()
    }
  }

  await Promise.all(Array.from({ length: connections }, callOneByOne))
  const tookSeconds = (performance.now() - began) / 1000
  times.sort((a, b) => a - b)
  const quantile = (share) => times[Math.max(0, Math.ceil(times.length * share) - 1)]
  const measured = { requests: sent, accepted, seconds: tookSeconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }
  return { ...measured, refused, firstRefusal }
}

class Connection {
  #socket
  #received = Buffer.alloc(0)
  #waiting

  constructor(socket) {
    this.#socket = socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the connection was closed before the response')))
  }

  ask(bytes) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(bytes)
    })
  }

  close() {
    this.#socket.destroy()
  }

  #read(chunk) {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const end = this.#received.indexOf(headEnd)
    if (end === -1) return
    const head = this.#received.latin1Slice(0, end)
    const length = /\ncontent-length: (\d+)/i.exec(head)?.[1]
    if (length === undefined) return this.#fail(new Error(`a response without a length: ${head}`))
    const bodyStart = end + headEnd.length
    const bodyEnd = bodyStart + Number(length)
    if (this.#received.length < bodyEnd) return
    const body = this.#received.subarray(bodyStart, bodyEnd)
    this.#received = this.#received.subarray(bodyEnd)
    if (!this.#waiting) return
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve({ status: Number(head.slice(9, 12)), body, isLast: /\nconnection: close/i.test(head) })
  }

  #fail(error) {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}
