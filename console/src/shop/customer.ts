import type { Api, Reply } from '../api/http'
import { fields, list, number, orderIn, text, Unexpected, type Order } from '../api/parse'
import { Journal } from './journal'

const renewMs = 60_000

/** A user that the page signed up, with its key and token, and what it was told of its orders. */
export class Customer {
  readonly journal = new Journal()
  /** Whether credit and confirmed orders agreed when nothing was under way; undefined if that has not been checked. */
  creditAgrees: boolean | undefined
  /** It orders no more: the shop forgets it once its last order has been checked. */
  isDismissed = false
  #token: { text: string; until: number } | undefined
  #checkedRequests = 0

  private constructor(
    private readonly api: Api,
    readonly id: string,
    readonly name: string,
    private readonly apiKey: string,
    readonly startCents: number,
  ) {}

  /** Throws NoResponse, or Unexpected if user-service refuses. */
  static async signUp(api: Api, person: { name: string; email: string }): Promise<Customer> {
    const { status, body } = await api.call({ service: 'user-service', method: 'POST', path: '/users', body: person })
    if (status !== 201) throw new Unexpected(`an account (${status})`)
    const { id, name, apiKey, creditCents } = fields(body)
    const [known, called, key] = [text(id, 'an id'), text(name, 'a name'), text(apiKey, 'a key')]
    return new Customer(api, known, called, key, number(creditCents, 'credit'))
  }

  /** A token that is good for a minute at least. Throws NoResponse or Unexpected. */
  async token(): Promise<string> {
    if (!this.#token || this.#token.until - Date.now() < renewMs) {
      const { status, body } = await this.api.call({
        service: 'user-service',
        method: 'POST',
        path: '/tokens',
        token: this.apiKey,
        isPoll: true,
      })
      if (status !== 200) throw new Unexpected(`a token (${status})`)
      const { accessToken, expiresIn } = fields(body)
      const until = Date.now() + number(expiresIn, 'a duration') * 1000
      this.#token = { text: text(accessToken, 'a token'), until }
    }
    return this.#token.text
  }

  /** Its next token is a new one. */
  forgetToken(): void {
    this.#token = undefined
  }

  /** All its orders, newest first. Throws NoResponse or Unexpected. */
  async orders(): Promise<Order[]> {
    const orders: Order[] = []
    for (;;) {
      const after = orders.at(-1)?.id
      const page = await this.#read('order-service', `/orders?limit=100${after === undefined ? '' : `&after=${after}`}`)
      const listed = list(page.body, orderIn)
      orders.push(...listed)
      if (listed.length < 100) return orders
    }
  }

  async creditCents(): Promise<number> {
    const { body } = await this.#read('user-service', `/users/${this.id}`)
    return number(fields(body).creditCents, 'credit')
  }

  async #read(service: 'user-service' | 'order-service', path: string): Promise<Reply> {
    const reply = await this.api.call({ service, method: 'GET', path, token: await this.token(), isPoll: true })
    if (reply.status === 401) this.forgetToken()
    if (reply.status !== 200) throw new Unexpected(`a list (${reply.status})`)
    return reply
  }

  /** Whether nothing has begun since credit and orders were compared. */
  get isChecked(): boolean {
    return this.creditAgrees !== undefined && this.journal.requests === this.#checkedRequests && this.journal.isQuiet
  }

  /** Compares what it was told with what the services have. Throws NoResponse or Unexpected. */
  async check(): Promise<void> {
    const { journal } = this
    const { requests } = journal
    const wasQuiet = journal.isQuiet
    await journal.check(() => this.orders())
    if (!wasQuiet) return // the list may be older than what ended meanwhile
    const creditCents = await this.creditCents()
    if (journal.requests !== requests) return
    this.creditAgrees = creditCents === this.startCents - journal.confirmedCents
    this.#checkedRequests = requests
  }
}
