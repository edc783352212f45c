import type { Transaction } from '../database/database'
import type { FollowerOptions } from './follower-options'
import { beginEmptying, endEmptying, forgetSome, lockFeed } from './follower-store'

const pageRows = 500

/**
 * Forgets the position in the feed, and begins to delete what was made of its events: all of it at once, unless it is more
 * than one transaction should write. No event is taken until the rest is deleted.
 */
export async function beginStartingOver(tx: Transaction, options: FollowerOptions): Promise<void> {
  await lockFeed(tx, options.feed)
  await beginEmptying(tx, options.feed)
  await emptySome(tx, options)
}

/** Deletes some more. */
export async function emptySome(tx: Transaction, { feed, forget }: FollowerOptions): Promise<void> {
  await lockFeed(tx, feed)
  const forgotten = await forget(tx, pageRows)
  const isEmpty = await forgetSome(tx, feed, pageRows)
  if (forgotten < pageRows && isEmpty) await endEmptying(tx, feed)
}
