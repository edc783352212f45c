import { tokenSeconds } from './signing-key'

/** How long a new key is published before it signs: others fetch the keys every ten minutes. */
export const introductionMs = 15 * 60_000

/** How long a key stays published after it has signed for the last time: its tokens expire, and clocks differ. */
export const farewellMs = tokenSeconds.access * 1000 + 5 * 60_000

interface Made {
  /** In milliseconds since the epoch. */
  madeAt: number
}

// Keys are given the oldest first. Every replica finds the same, so that a rotation is a new row and needs no message.

/** The newest key that was published for long enough; the first key of all signs at once. */
export function signingKeyAt<Key extends Made>(keys: readonly [Key, ...Key[]], now: number): Key {
  return keys.findLast(({ madeAt }) => madeAt + introductionMs <= now) ?? keys[0]
}

/** The keys whose tokens are valid, and those that will sign. */
export function publishedKeysAt<Key extends Made>(keys: readonly Key[], now: number): Key[] {
  return keys.filter((_, i) => {
    const next = keys[i + 1]
    return next === undefined || now < next.madeAt + introductionMs + farewellMs
  })
}
