export interface TourText {
  title: string
  pattern: string
  /** What to do, without an administrator's key where that is possible. */
  act: string
  /** What can be seen then, and why. */
  see: string
  /** Files of the repository: what makes it so, and the test that says so. */
  code: string
  test: string
  /** Of docs/course: it repeats the title and what to do. */
  page: string
}

/** The texts of the tour, which the pages of the course share. */
export const tourTexts = {
  saga: {
    title: 'One order, two services',
    pattern: 'Saga',
    act: 'Sign up, order a cable, and open its timeline.',
    see: 'order-service stores the order as pending, asks user-service to hold the credit, and then confirms it. Each service changes its own database only. If the credit is not held, the order is rejected, and if you cancel, the credit is given back: such a chain of steps, each of which can be taken back, is a saga.',
    code: 'order-service/src/orders/advance.ts',
    test: 'order-service/tests/orders/advance.test.ts',
    page: '1-one-order-two-databases.md',
  },
  idempotencyKey: {
    title: 'The same request twice',
    pattern: 'Idempotency key',
    act: 'Start the stream, and switch on “Losing responses” of order-service.',
    see: 'Half of the responses do not arrive, so the page sends those requests again (see “attempts”). It cannot know whether the order was stored. It need not: each request carries a key, and order-service returns the same order for the same key. Nothing is doubled.',
    code: 'order-service/src/orders/place-order.ts',
    test: 'order-service/tests/orders/idempotency.test.ts',
    page: '2-the-same-request-twice.md',
  },
  circuitBreaker: {
    title: 'A service stops responding',
    pattern: 'Circuit breaker',
    act: 'Let the stream run, and freeze user-service. In a terminal: docker compose pause user-service.',
    see: 'The first orders wait for a response that does not come. After a few failures the circuit opens: order-service no longer asks, stores each order as pending, and responds at once. Look at the time to a response.',
    code: 'chassis/src/upstream/circuit-breaker.ts',
    test: 'chassis/tests/upstream/circuit-breaker.test.ts',
    page: '4-slow-is-worse-than-dead.md',
  },
  settler: {
    title: 'It comes back',
    pattern: 'Retries, by a settler',
    act: 'Thaw user-service, or wait a minute. In a terminal: docker compose unpause user-service.',
    see: 'The circuit lets one request through, to see whether user-service responds. Then the settler works off all pending orders, oldest first. Nobody had to press a button, and nothing is lost.',
    code: 'order-service/src/orders/settler.ts',
    test: 'order-service/tests/orders/settler.test.ts',
    page: '3-the-answer-that-never-came.md',
  },
  outbox: {
    title: 'A crash in the middle',
    pattern: 'Transactional outbox',
    act: 'Let the stream run, and crash order-service. In a terminal: docker compose restart order-service.',
    see: 'Requests fail until it is back, and are sent again. An order and its event are stored in one transaction, so that no crash can separate them: what was acknowledged is there, and what was not is stored once. Then stop the stream, and look at the rows at the top.',
    code: 'chassis/src/events/event-store.ts',
    test: 'chassis/tests/events/event-store.test.ts',
    page: '5-tell-it-once.md',
  },
} satisfies Record<string, TourText>
