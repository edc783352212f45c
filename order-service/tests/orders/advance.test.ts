import { advance, type OrderEvent } from '../../src/orders/advance'
import type { OrderState } from '../../src/orders/order'

const states: OrderState[] = [
  { status: 'pending', reason: null },
  { status: 'confirmed', reason: null },
  { status: 'rejected', reason: 'insufficient-credit' },
  { status: 'cancelling', reason: 'requested' },
  { status: 'cancelled', reason: 'timed-out' },
]

const events: OrderEvent[] = [
  { kind: 'credit-held' },
  { kind: 'refused', reason: 'insufficient-credit' },
  { kind: 'refused', reason: 'user-not-found' },
  { kind: 'abandoned', reason: 'requested' },
  { kind: 'abandoned', reason: 'timed-out' },
  { kind: 'credit-released' },
]

const moves: [OrderState['status'], OrderEvent, OrderState][] = [
  ['pending', { kind: 'credit-held' }, { status: 'confirmed', reason: null }],
  [
    'pending',
    { kind: 'refused', reason: 'insufficient-credit' },
    { status: 'rejected', reason: 'insufficient-credit' },
  ],
  ['pending', { kind: 'refused', reason: 'user-not-found' }, { status: 'rejected', reason: 'user-not-found' }],
  ['pending', { kind: 'abandoned', reason: 'requested' }, { status: 'cancelling', reason: 'requested' }],
  ['pending', { kind: 'abandoned', reason: 'timed-out' }, { status: 'cancelling', reason: 'timed-out' }],
  ['confirmed', { kind: 'abandoned', reason: 'requested' }, { status: 'cancelling', reason: 'requested' }],
  ['cancelling', { kind: 'credit-released' }, { status: 'cancelled', reason: 'requested' }],
]

const every = states.flatMap((state) =>
  events.map((event) => ({ state, event, to: moves.find((move) => isMove(move, state, event))?.[2] })),
)

function isMove([status, moving]: (typeof moves)[number], state: OrderState, event: OrderEvent): boolean {
  return status === state.status && JSON.stringify(moving) === JSON.stringify(event)
}

describe("An order's state", () => {
  it.each(every.filter(({ to }) => to))(
    'that is $state.status moves to $to.status on $event',
    ({ state, event, to }) => {
      expect(advance(state, event)?.state).toEqual(to)
    },
  )

  it.each(every.filter(({ to }) => !to))(
    'stays as it is if it is $state.status and the event is $event',
    ({ state, event }) => {
      expect(advance(state, event)).toBeUndefined()
    },
  )

  it('keeps the reason of its cancellation', () => {
    const cancelling: OrderState = { status: 'cancelling', reason: 'timed-out' }
    expect(advance(cancelling, { kind: 'credit-released' })?.state).toEqual({
      status: 'cancelled',
      reason: 'timed-out',
    })
  })

  it('throws on an unknown status or event', () => {
    expect(() => advance({ status: 'lost' } as never, { kind: 'credit-held' })).toThrow('not decided')
    for (const status of ['pending', 'confirmed', 'cancelling'] as const) {
      expect(() => advance({ status, reason: null } as never, { kind: 'lost' } as never)).toThrow('not decided')
    }
  })
})
