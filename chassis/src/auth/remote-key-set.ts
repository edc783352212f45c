import type { CryptoKey } from 'jose'
import { FirstContact } from '../upstream/first-contact'
import { NoResponse, type Transport } from '../upstream/transport'
import type { Database } from '../database/database'
import { Failure } from '../failure'
import type { Log } from '../log'
import type { System, Timer } from '../system'
import { importKeys, type KeySet } from './key-set'
import { findTrustedKeys, storeTrustedKeys } from './key-store'

const refreshMs = 10 * 60_000
const firstRetryMs = 1_000
const maxRetryMs = 60_000
const fetchTimeoutMs = 300
const cooldownMs = 1_000 // between fetches for unknown key ids: made-up ones must not cause a storm

interface Options {
  issuer: string
  path: string
  transport: Transport
  database: Database
  system: System
  log: Log
}

/** Another service's keys. The last good set is stored, so that tokens can be verified while the issuer is down. */
export class RemoteKeySet implements KeySet {
  #keys = new Map<string, CryptoKey>()
  #kept = new Map<string, CryptoKey>()
  #fetch: Promise<boolean> | undefined
  #lastAsked: { at: number; succeeded: boolean } | undefined
  #timer: Timer | undefined
  #stopped = false
  #retryMs = firstRetryMs
  #failing: string | undefined
  readonly #firstContact: FirstContact

  constructor(private readonly options: Options) {
    this.#firstContact = new FirstContact(options.system)
  }

  async start(): Promise<void> {
    const { database, issuer } = this.options
    const kept = await findTrustedKeys(database.read, issuer)
    if (kept !== undefined) this.#keys = this.#kept = await importKeys(JSON.parse(kept))
    void this.#refresh()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer !== undefined) this.options.system.clearTimeout(this.#timer)
  }

  has(kid: string): boolean {
    return this.#keys.has(kid)
  }

  async find(kid: string): Promise<CryptoKey | undefined> {
    return this.#keys.get(kid) ?? this.#findFresh(kid)
  }

  async #findFresh(kid: string): Promise<CryptoKey | undefined> {
    const { system } = this.options
    const last = this.#lastAsked
    const quiet = last !== undefined && system.monotonic() - last.at < cooldownMs
    const succeeded = quiet ? last.succeeded : await this.#fetchOnce()
    if (!quiet) this.#lastAsked = { at: system.monotonic(), succeeded }
    const key = this.#keys.get(kid)
    if (key === undefined && !succeeded) {
      throw new Failure('unavailable', { detail: 'The key of this token cannot be fetched now. Try again later.' })
    }
    return key
  }

  async #refresh(): Promise<void> {
    const succeeded = await this.#fetchOnce()
    if (this.#stopped) return
    const pauseMs = succeeded ? refreshMs : this.#retryMs
    this.#retryMs = succeeded ? firstRetryMs : Math.min(maxRetryMs, this.#retryMs * 2)
    this.#timer = this.options.system.setTimeout(() => void this.#refresh(), pauseMs)
  }

  /** Shared by concurrent callers. Never rejects. */
  #fetchOnce(): Promise<boolean> {
    this.#fetch ??= this.#fetchAndKeep().finally(() => {
      this.#fetch = undefined
    })
    return this.#fetch
  }

  async #fetchAndKeep(): Promise<boolean> {
    const { issuer, path, transport, database, system, log } = this.options
    try {
      const { status, body } = await transport.send({ method: 'GET', path, headers: {} }, fetchTimeoutMs)
      if (status !== 200) throw new Error(`status ${status}`)
      const keys = await importKeys(JSON.parse(body))
      this.#keys = keys
      this.#failing = undefined
      this.#firstContact.made()
      if (sameKeys(keys, this.#kept)) return true
      await database.write((tx) => storeTrustedKeys(tx, system, { issuer, jwks: body }))
      this.#kept = keys
      log[keys.size === 0 ? 'warn' : 'info']({ issuer, keys: keys.size }, 'keys fetched')
      return true
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err)
      const level = err instanceof NoResponse ? this.#firstContact.level : 'warn'
      const failing = `${level}: ${reason}`
      if (failing !== this.#failing) log[level]({ issuer, reason }, 'keys not fetched') // once, not at each retry
      this.#failing = failing
      return false
    }
  }
}

function sameKeys(a: Map<string, CryptoKey>, b: Map<string, CryptoKey>): boolean {
  return a.size === b.size && [...a.keys()].every((kid) => b.has(kid))
}
