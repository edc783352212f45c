import { randomUUID } from 'node:crypto'
import { request } from '../request.mjs'
import { pick, printable } from './stage.mjs'

/** Fails with one line if nothing responds, or another program. */
export async function mustBe(service, url) {
  const found = await request(`${url}/`)
    .then(({ text }) => JSON.parse(text))
    .catch(() => undefined)
  if (found?.service === service) return
  const what = found === undefined ? 'nothing responds' : 'another program responds'
  throw new Error(`no ${service} at ${url}: ${what}. Start it with \`docker compose up --build\` or \`npm start\`.`)
}

export async function tokenFor(apiKey, stage, { users }) {
  const { body } = await stage.ask('POST', `${users}/tokens`, { token: apiKey })
  stage.show({ accessToken: `${body.accessToken.slice(0, 6)}…`, expiresIn: body.expiresIn })
  return body.accessToken
}

/** A user who signs up and orders keyboards. It is deleted at the end, with its API key and its holds. */
export class Shopper {
  #token

  constructor(user, stage, urls) {
    this.user = user
    this.stage = stage
    this.urls = urls
  }

  static async signUp(stage, urls) {
    stage.title('Sign up. The response contains the API key, shown only once')
    const email = `ada-${randomUUID()}@example.com`
    const { body: user } = await stage.ask('POST', `${urls.users}/users`, {
      body: { name: 'Ada', email },
      expected: 201,
    })
    const shopper = new Shopper(user, stage, urls)
    stage.undoAtTheEnd(() => shopper.#delete())
    stage.show({ id: user.id, creditCents: user.creditCents, apiKey: `${user.apiKey.slice(0, 6)}…` })

    stage.title('Exchange the key for an access token, and read your own user with it')
    shopper.#token = await tokenFor(user.apiKey, stage, urls)
    stage.show(pick((await shopper.read()).body, 'name', 'email', 'creditCents'))
    return shopper
  }

  read() {
    return this.stage.ask('GET', `${this.urls.users}/users/${this.user.id}`, { token: this.#token })
  }

  order({ quantity = 1, ...options }) {
    const body = { items: [{ productId: 'keyboard', quantity }] }
    return this.stage.ask('POST', `${this.urls.orders}/orders`, { token: this.#token, body, ...options })
  }

  cancel(orderId) {
    return this.stage.ask('POST', `${this.urls.orders}/orders/${orderId}/cancel`, { token: this.#token })
  }

  readOrder(orderId) {
    return this.stage.ask('GET', `${this.urls.orders}/orders/${orderId}`, { token: this.#token })
  }

  readOrders() {
    return this.stage.ask('GET', `${this.urls.orders}/orders?limit=100`, { token: this.#token })
  }

  async showTimeline(orderId) {
    const { body } = await this.stage.ask('GET', `${this.urls.orders}/orders/${orderId}/timeline`, {
      token: this.#token,
    })
    for (const { at, status, detail } of body) this.stage.say(`      ${printable(`${at}  ${status}  ${detail}`)}`)
  }

  /** The orders stay, without the name of their user. */
  async #delete() {
    const token = await tokenFor(this.user.apiKey, this.stage, this.urls)
    await this.stage.ask('DELETE', `${this.urls.users}/users/${this.user.id}`, { token, expected: 204 })
    this.stage.say('  The user is deleted, with its API key and its holds.')
  }
}
