import { lookup } from 'node:dns/promises'
import type { RequestHandler } from 'express'
import type { Log } from '../log'
import type { System } from '../system'

const knownMs = 30_000
const pauseMs = 1_000
const maxWaitMs = 500

export type LookUp = (name: string) => Promise<string[]>

interface Options {
  /** How many proxies in front of each other are trusted. */
  count: number
  /** Who can be the last of them, by host name or address; anyone who connects, if there are none. */
  names: readonly string[]
  lookUp?: LookUp
  system: Pick<System, 'monotonic' | 'setTimeout' | 'clearTimeout'>
  log: Log
}

/** Whose X-Forwarded-* fields count. Names are looked up again and again: a container that is replaced has another address. */
export class TrustedProxies {
  #addresses = new Set<string>()
  #lookedUpAt = -Infinity
  #lookingUp: Promise<void> | undefined

  constructor(private readonly options: Options) {}

  /** For Express's setting `trust proxy`. */
  readonly isTrusted = (address: string | undefined, hop: number): boolean => {
    const { count, names } = this.options
    return hop < count && (hop > 0 || names.length === 0 || this.#isKnown(address))
  }

  /** Lets a request wait while it is not known whether a trusted proxy sent it. */
  readonly identify: RequestHandler = (req, _res, next) => {
    if (req.headers['x-forwarded-for'] === undefined) {
      next()
      return
    }
    const isKnown = this.#isKnown(req.socket.remoteAddress)
    const age = this.options.system.monotonic() - this.#lookedUpAt
    if (age >= (isKnown ? knownMs : pauseMs)) this.#lookingUp ??= this.#lookUp()
    if (isKnown || !this.#lookingUp) next()
    else void this.#atMost(maxWaitMs, this.#lookingUp).then(next)
  }

  #isKnown(address = ''): boolean {
    return this.#addresses.has(address.replace(/^::ffff:/, ''))
  }

  async #lookUp(): Promise<void> {
    const { names, lookUp = addressesOf, system, log } = this.options
    const found = await Promise.allSettled(names.map(lookUp))
    const addresses = new Set(found.flatMap((it) => (it.status === 'fulfilled' ? it.value : [])))
    if (addresses.size === 0 && (this.#addresses.size > 0 || this.#lookedUpAt === -Infinity))
      log.warn({ names }, 'trusted proxies not found')
    this.#addresses = addresses
    this.#lookedUpAt = system.monotonic()
    this.#lookingUp = undefined
  }

  #atMost(milliseconds: number, wait: Promise<void>): Promise<void> {
    const { system } = this.options
    return new Promise((resolve) => {
      const timer = system.setTimeout(resolve, milliseconds)
      void wait.then(() => {
        system.clearTimeout(timer)
        resolve()
      })
    })
  }
}

async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address)
}
