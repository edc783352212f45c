import { z } from 'zod'
import type { User } from './user'

/** The strong entity tag of a version (RFC 9110). */
export function entityTag({ version }: Pick<User, 'version'>): string {
  return `"${version}"`
}

/** `If-Match`: the version that it names, `*` for any, or `other` for a tag that no version can have. */
export const ifMatch = z
  .string()
  .regex(/^(\*|(W\/)?"[\x21\x23-\x7e]*")$/, 'must be one entity tag, or *')
  .transform((tag): number | '*' | 'other' => {
    if (tag === '*') return '*'
    const version = /^"([1-9]\d{0,15})"$/.exec(tag)?.[1]
    return version === undefined ? 'other' : Number(version)
  })

/** Whether a precondition holds for a user as it is. */
export function matches(precondition: number | '*' | 'other' | undefined, { version }: Pick<User, 'version'>): boolean {
  return precondition === undefined || precondition === '*' || precondition === version
}
