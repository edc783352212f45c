import type { Explored } from './interleavings'

/** Holds for each interleaving: it ends as one after the other does, and there the audit has no findings. */
export function expectInOrder({ count, inOrder, bad }: Explored): void {
  expect(bad.slice(0, 1)).toEqual([])
  expect(count).toBeGreaterThan(1)
  for (const end of inOrder) expect(end).toMatchObject({ findings: [] })
}
