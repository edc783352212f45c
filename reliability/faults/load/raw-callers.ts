/** A process of its own: is sent a Task, and sends back a RawResult. */
import { connect } from 'node:net'
import { pause } from '../../harness/eventually'
import type { RawResult, Task } from './raw-load'
import { ResponseReader } from './response-reader'

const readingMs = 3_000 // of what had come on a connection before the server closed it

class Callers {
  readonly #result: RawResult = { statuses: {}, created: [], opened: 0, atOnce: 0, left: 0, maxOpenSeconds: 0 }
  readonly #end: number
  #open = 0

  constructor(private readonly task: Task) {
    this.#end = performance.now() + task.load.seconds * 1000
  }

  async run(): Promise<RawResult> {
    await Promise.all(Array.from({ length: this.task.load.connections }, (_, index) => this.#call(index)))
    return this.#result
  }

  async #call(index: number): Promise<void> {
    const { requests, writes = Infinity, reopenAfterMs = 100 } = this.task.load
    const request = index % Math.max(1, requests.length)
    const left = { writes }
    while (left.writes > 0 && performance.now() < this.#end) {
      const began = performance.now()
      await this.#connection(request, left)
      const pauseMs = Math.min(began + reopenAfterMs, this.#end) - performance.now()
      if (left.writes > 0 && pauseMs > 0) await pause(pauseMs)
    }
  }

  /** Resolves once the connection is closed, by whichever side. */
  #connection(request: number, left: { writes: number }): Promise<void> {
    const { host, port } = this.task.target
    const { requests, inOneWrite, reads } = this.task.load
    const text = (requests[request] ?? '').repeat(inOneWrite)
    const socket = connect({ host, port, noDelay: true })
    if (!reads) socket.pause()
    const reader = new ResponseReader()
    let awaited = 0
    let openedAt: number | undefined
    const write = () => {
      if (left.writes === 0) {
        socket.destroy()
        return
      }
      left.writes -= 1
      awaited = inOneWrite
      socket.write(text)
    }
    socket.on('connect', () => {
      openedAt = performance.now()
      this.#result.opened += 1
      this.#open += 1
      this.#result.atOnce = Math.max(this.#result.atOnce, this.#open)
      if (inOneWrite > 0) write()
    })
    if (reads) {
      socket.on('data', (chunk) => {
        for (const { status, location } of reader.read(chunk)) {
          awaited -= 1
          this.#result.statuses[status] = (this.#result.statuses[status] ?? 0) + 1
          if (location !== undefined) this.#result.created.push({ request, status, location })
        }
        if (inOneWrite > 0 && awaited === 0) write()
      })
    }
    socket.on('error', () => undefined) // it is closed then
    const giveUp = () => {
      if (openedAt !== undefined) this.#result.left += 1
      socket.destroy()
    }
    const atEnd = () => {
      if (reads) {
        giveUp()
        return
      }
      socket.resume() // else it is not seen that the server has closed it
      timer = setTimeout(giveUp, readingMs)
    }
    let timer = setTimeout(atEnd, Math.max(0, this.#end - performance.now()))
    return new Promise((resolve) => {
      socket.on('close', () => {
        clearTimeout(timer)
        if (openedAt !== undefined) {
          this.#open -= 1
          const seconds = (performance.now() - openedAt) / 1000
          this.#result.maxOpenSeconds = Math.max(this.#result.maxOpenSeconds, seconds)
        }
        resolve()
      })
    })
  }
}

process.once('message', (task: Task) => {
  void new Callers(task).run().then((result) => process.send?.(result))
})
