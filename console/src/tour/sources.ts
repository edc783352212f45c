const files = import.meta.glob<string>(
  [
    '../../../order-service/src/orders/{advance,place-order,settler}.ts',
    '../../../order-service/tests/orders/{advance,idempotency,settler}.test.ts',
    '../../../chassis/src/upstream/circuit-breaker.ts',
    '../../../chassis/tests/upstream/circuit-breaker.test.ts',
    '../../../chassis/src/events/event-store.ts',
    '../../../chassis/tests/events/event-store.test.ts',
  ],
  { query: '?raw', import: 'default' },
)

/** The text of a file of the repository, as it was when the page was built. */
export async function sourceOf(path: string): Promise<string> {
  const load = files[`../../../${path}`]
  if (!load) throw new Error(`${path} is not among the files of the tour`)
  return load()
}
