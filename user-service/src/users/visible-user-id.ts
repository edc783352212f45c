import { mayActAs, type Caller } from '@tandem/chassis/http/caller'
import { Failure } from '@tandem/chassis/failure'

/** Returns the id if the caller may see that user: users see themselves, others everyone. */
export function visibleUserId(caller: Caller, id: string): string {
  if (caller.id !== id && !mayActAs(caller, 'admin') && !mayActAs(caller, 'service'))
    throw new Failure('user-not-found')
  return id
}
