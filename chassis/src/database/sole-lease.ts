import type { Lease } from './database'

/** The lease of a process that is the only one by other means. */
export const soleLease: Lease = {
  isShared: false,
  term: { signal: new AbortController().signal, assertLasts: async () => undefined },
  release: async () => undefined,
}
