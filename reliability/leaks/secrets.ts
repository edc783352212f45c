import { randomBytes } from 'node:crypto'

/** Something that must be nowhere but where it belongs. */
export interface Secret {
  name: string
  value: string
  /** The sinks that may hold it, with the reason. */
  allowed: Readonly<Record<string, string>>
}

const feed = 'the feed is for services and admins, and says the names of users who are there'
const stored = 'it is stored there'
const repeated = 'a repeated request is recognised by it'
const shared = 'replicas share it; whoever reads the database can sign'
const published = 'what was published is not taken back when its user is deleted'
const pointer = 'the pointer of an error names the unknown field to whoever sent it'

/** Names, addresses and texts that nobody else has. */
export function newCanaries() {
  const mark = () => `canary${randomBytes(12).toString('hex')}`
  return {
    name: mark(),
    email: mark(),
    deletedName: mark(),
    deletedEmail: mark(),
    /** In places where nothing of the kind is expected. */
    query: mark(),
    path: mark(),
    header: mark(),
    cookie: mark(),
    body: mark(),
    key: mark(),
    bearer: mark(),
    raw: mark(),
  }
}

export type Canaries = ReturnType<typeof newCanaries>

export interface Credentials {
  apiKey: string
  replacedKey: string
  token: string
  adminKey: string
  adminToken: string
  /** Undefined if it was not seen. */
  serviceToken: string | undefined
  /** The private parts of the keys that the services sign with. */
  signingKeys: readonly string[]
  /** Of PostgreSQL and RabbitMQ, by what they are for. */
  passwords: Readonly<Record<string, string>>
}

export function secretsOf(canaries: Canaries, credentials: Credentials): Secret[] {
  const { apiKey, replacedKey, token, adminKey, adminToken, serviceToken, signingKeys, passwords } = credentials
  const signature = (jwt: string) => jwt.split('.')[2] ?? jwt
  const nowhere = (name: string, value: string): Secret => ({ name, value, allowed: {} })
  return [
    {
      name: 'the name of a user',
      value: canaries.name,
      allowed: { 'the feed': feed, 'messages on RabbitMQ': feed, databases: stored, 'rows of databases': stored },
    },
    {
      name: 'the e-mail address of a user',
      value: canaries.email,
      allowed: { databases: stored, 'rows of databases': stored },
    },
    {
      name: 'the name of a deleted user',
      value: canaries.deletedName,
      allowed: { 'messages on RabbitMQ': published },
    },
    nowhere('the e-mail address of a deleted user', canaries.deletedEmail),
    { name: 'a text in a query', value: canaries.query, allowed: { 'error responses': pointer } },
    nowhere('a text in a path', canaries.path),
    nowhere('a text in a header', canaries.header),
    nowhere('a cookie', canaries.cookie),
    nowhere('a text in a body that is refused', canaries.body),
    {
      name: 'an idempotency key',
      value: canaries.key,
      allowed: { databases: repeated, 'rows of databases': repeated },
    },
    nowhere('a credential that is none', canaries.bearer),
    nowhere('a text that is not HTTP', canaries.raw),
    nowhere('an API key', apiKey),
    nowhere('an API key that was replaced', replacedKey),
    nowhere('the token of a user', signature(token)),
    nowhere('the admin key', adminKey),
    nowhere('the token of an admin', signature(adminToken)),
    ...(serviceToken === undefined ? [] : [nowhere('the token of a service', signature(serviceToken))]),
    ...Object.entries(passwords).map(([name, password]) => nowhere(`a password (${name})`, password)),
    ...signingKeys.map((key) => ({
      name: 'a private signing key',
      value: key,
      allowed: { databases: shared, 'rows of databases': shared },
    })),
  ]
}
