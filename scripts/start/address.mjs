import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'

const byDefault = '127.0.0.1'
const addressFaults = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL']

/** The address that both services listen on. */
export class Address {
  /** @param {Readonly<Record<string, string | undefined>>} environment with what `.env` says */
  constructor(environment) {
    this.host = environment.HOST ?? byDefault
  }

  /** The host by which this machine reaches a service. */
  get reachable() {
    return { '0.0.0.0': '127.0.0.1', '::': '::1' }[this.host] ?? this.host
  }

  /** Where this machine reaches a service. */
  url(port) {
    const host = this.reachable
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** Why a service cannot listen on the port; undefined if it can. */
  async whyNot(port) {
    const server = createServer().listen(port, this.host)
    try {
      await once(server, 'listening')
    } catch ({ code }) {
      const why = code === 'EADDRINUSE' ? 'it is taken' : code
      return `cannot listen on ${this.host}:${port}: ${why}${this.#hint(code)}`
    }
    server.close()
    await once(server, 'close')
    return undefined
  }

  /** Conda and tcsh export a HOST of their own. */
  #hint(code) {
    if (this.host === byDefault || !addressFaults.includes(code)) return ''
    const source = process.env.HOST ? 'the environment' : '.env'
    return `. HOST is set in ${source}: set it to ${byDefault}, or to an address of this machine`
  }
}
