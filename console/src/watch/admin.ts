import { signal } from '@preact/signals-core'
import { NoResponse, type Api, type ApiRequest, type Reply } from '../api/http'
import { fields, number, text, Unexpected } from '../api/parse'

const stored = 'tandem-admin-key'
const renewMs = 60_000

/** What the page may do as an administrator: nothing; all, as AUTH_MODE is open; or all, by a key that it was given. */
export type Access = 'none' | 'open' | 'key'

/** The administrator's key, for this tab only, and requests with it. */
export class Admin {
  readonly access = signal<Access>('none')
  #key: string | undefined
  #token: { text: string; until: number } | undefined

  constructor(
    private readonly api: Api,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  ) {}

  /** Finds out what the page may do. Throws NoResponse. */
  async start(): Promise<void> {
    const key = this.storage.getItem(stored)
    if (key !== null && (await this.#isGood(key))) return
    const reply = await this.api.call({ service: 'order-service', method: 'GET', path: '/status', isPoll: true })
    if (reply.status === 200) this.access.value = 'open'
    else if (reply.status !== 401 && reply.status !== 403) throw new NoResponse(`status ${reply.status}`)
  }

  /** Throws NoResponse, or Unexpected if it is no administrator's key. */
  async unlock(key: string): Promise<void> {
    this.#key = key
    try {
      await this.#renew()
      const reply = await this.call({ service: 'order-service', method: 'GET', path: '/status', isPoll: true })
      if (reply.status === 401 || reply.status === 403) throw new Unexpected(`an administrator's rights`)
      if (reply.status !== 200) throw new NoResponse(`status ${reply.status}`)
    } catch (error) {
      if (!(error instanceof NoResponse)) this.lock()
      throw error
    }
    this.storage.setItem(stored, key)
    this.access.value = 'key'
  }

  async #isGood(key: string): Promise<boolean> {
    try {
      await this.unlock(key)
      return true
    } catch (error) {
      if (error instanceof NoResponse) throw error
      return false // it was renewed, say
    }
  }

  lock(): void {
    this.#key = undefined
    this.#token = undefined
    this.storage.removeItem(stored)
    this.access.value = 'none'
  }

  /** Sends a request as an administrator. Throws NoResponse or Unexpected. */
  async call(request: Omit<ApiRequest, 'token'>): Promise<Reply> {
    if (this.#key === undefined) return this.api.call(request)
    if (!this.#token || this.#token.until - Date.now() < renewMs) await this.#renew()
    const reply = await this.api.call({ ...request, token: this.#token?.text })
    if (reply.status === 401) this.#token = undefined // its key may have been withdrawn
    return reply
  }

  async #renew(): Promise<void> {
    const { status, body } = await this.api.call({
      service: 'user-service',
      method: 'POST',
      path: '/tokens',
      token: this.#key,
      isPoll: true,
    })
    if (status === 401) throw new Unexpected('a token: the key is not known')
    if (status !== 200) throw new NoResponse(`status ${status}`)
    const { accessToken, expiresIn } = fields(body)
    this.#token = { text: text(accessToken, 'a token'), until: Date.now() + number(expiresIn, 'a duration') * 1000 }
  }
}
