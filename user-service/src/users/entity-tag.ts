import { z } from 'zod'
import type { User } from './user'

/** The versions in `If-Match`, or `*` for any. */
export type Precondition = number[] | '*'

/** The strong entity tag of a version (RFC 9110). */
export function entityTag({ version }: Pick<User, 'version'>): string {
  return `"${version}"`
}

const tag = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"'
const list = new RegExp(`^[\\t ,]*${tag}(?:[\\t ]*,[\\t ,]*${tag})*[\\t ,]*$`) // a list may have empty elements

/** `If-Match`: a list of entity tags, or `*`. A tag that no version can have, such as a weak one, matches none. */
export const ifMatch = z
  .string()
  .refine((value) => value === '*' || list.test(value), 'must be a list of entity tags, or *')
  .describe('Entity tags, or *: do it only if the version is one of these')
  .transform((value): Precondition => {
    if (value === '*') return value
    const tags = value.match(new RegExp(tag, 'g')) ?? []
    return tags.flatMap((one) => (/^"[1-9]\d{0,15}"$/.test(one) ? [Number(one.slice(1, -1))] : []))
  })

export function matches(precondition: Precondition | undefined, { version }: Pick<User, 'version'>): boolean {
  return precondition === undefined || precondition === '*' || precondition.includes(version)
}
