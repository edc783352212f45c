import { mayActAs, type Caller } from '@tandem/chassis/http/caller'
import { Failure } from '@tandem/chassis/failure'

/** The id, if the caller may ask about it: a user about itself, others about all. Another's answers as none. */
export function visibleUserId(caller: Caller, id: string): string {
  if (caller.id !== id && !mayActAs(caller, 'admin') && !mayActAs(caller, 'service'))
    throw new Failure('user-not-found')
  return id
}
