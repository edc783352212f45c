import type { Database } from '../database/database'
import type { Log } from '../log'
import { Loop } from '../loop'
import type { System } from '../system'
import { publishedKeysAt, signingKeyAt } from './key-rotation'
import { insertSigningKey, listSigningKeys, lockSigningKeys, type StoredKey } from './key-store'
import { importSigningKey, newPrivateJwk, type SigningKey } from './signing-key'

const rereadMs = 1_000

/** The keys of this service. */
export interface SigningKeys {
  /** Signs the next token. */
  readonly signing: SigningKey
  /** Whose tokens are valid. */
  readonly published: readonly SigningKey[]
}

type Keys = readonly [DatedKey, ...DatedKey[]]
type DatedKey = SigningKey & { madeAt: number }

/** Those in the database, which it reads again now and then: another process may have added one or removed an old one. */
export class StoredSigningKeys implements SigningKeys {
  readonly #loop: Loop
  #failing = false

  private constructor(
    private readonly deps: { database: Database; system: System; log: Log },
    private keys: Keys,
  ) {
    this.#loop = new Loop(() => this.#reread(), deps.system)
  }

  /** Makes the first key if there is none. */
  static async load(deps: { database: Database; system: System; log: Log }): Promise<StoredSigningKeys> {
    const { database, system } = deps
    const fresh = await newPrivateJwk()
    const stored = await database.write(async (tx) => {
      await lockSigningKeys(tx)
      if ((await listSigningKeys(tx)).length === 0) await insertSigningKey(tx, system, fresh)
      return listSigningKeys(tx)
    })
    return new StoredSigningKeys(deps, await imported(stored))
  }

  get signing(): SigningKey {
    return signingKeyAt(this.keys, this.deps.system.now())
  }

  get published(): readonly SigningKey[] {
    return publishedKeysAt(this.keys, this.deps.system.now())
  }

  start(): void {
    this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  async #reread(): Promise<number> {
    const { database, log } = this.deps
    try {
      this.keys = await imported(await listSigningKeys(database.read), this.keys)
      this.#failing = false
    } catch (error) {
      if (!this.#failing) log.warn({ reason: (error as Error).message }, 'signing keys not read again') // the first time
      this.#failing = true
    }
    return rereadMs
  }
}

/** Importing takes longer than reading: those that are known are not imported again. */
async function imported(stored: readonly StoredKey[], known: readonly DatedKey[] = []): Promise<Keys> {
  const [first, ...others] = await Promise.all(
    stored.map(
      async ({ kid, madeAt, privateJwk }) =>
        known.find((key) => key.kid === kid) ?? { ...(await importSigningKey(privateJwk)), madeAt },
    ),
  )
  if (first === undefined) throw new Error('the database has no signing key')
  return [first, ...others]
}
