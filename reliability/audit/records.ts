import { z } from 'zod'

// What is read of the records that each service prints, which may hold more.
const Event = z.object({
  kind: z.literal('event'),
  /** Null until the event has its number. */
  sequence: z.int().nullable(),
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
})
const UserEvent = Event.extend({
  data: z.object({ id: z.string(), name: z.string().nullable(), version: z.int() }),
})
const OrderEvent = Event.extend({
  data: z.object({
    id: z.string(),
    userId: z.string(),
    totalCents: z.int(),
    status: z.string(),
    reason: z.string().nullable(),
  }),
})
const User = z.object({
  kind: z.literal('user'),
  id: z.string(),
  name: z.string(),
  version: z.int(),
  creditCents: z.int(),
  depositedCents: z.int(),
})
const Deposit = z.object({
  kind: z.literal('deposit'),
  id: z.string(),
  userId: z.string(),
  amountCents: z.int(),
  madeBy: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
})
const Hold = z.object({
  kind: z.literal('hold'),
  orderId: z.string(),
  userId: z.string(),
  state: z.enum(['held', 'refused', 'released']),
  amountCents: z.int().nullable(),
})
const Redaction = z.object({ kind: z.literal('redaction'), subject: z.string(), since: z.string() })
const Order = z.object({
  kind: z.literal('order'),
  id: z.string(),
  userId: z.string(),
  totalCents: z.int(),
  status: z.enum(['pending', 'confirmed', 'rejected', 'cancelling', 'cancelled']),
  reason: z.string().nullable(),
  updatedAt: z.string(),
  placedBy: z.string(),
  idempotencyKey: z.string().nullable(),
})
const UserCopy = z.object({
  kind: z.literal('user-copy'),
  id: z.string(),
  name: z.string().nullable(),
  version: z.int(),
  changes: z.int(),
})
const Position = z.object({ kind: z.literal('position'), feed: z.string(), eventId: z.string() })
const ParkedEvent = z.object({ kind: z.literal('parked-event'), feed: z.string(), id: z.string(), error: z.string() })

const OfUserService = z.discriminatedUnion('kind', [User, Deposit, Hold, Redaction, UserEvent])
const OfOrderService = z.discriminatedUnion('kind', [Order, UserCopy, Position, ParkedEvent, OrderEvent])

export type User = z.infer<typeof User>
export type Hold = z.infer<typeof Hold>
export type Redaction = z.infer<typeof Redaction>
export type UserEvent = z.infer<typeof UserEvent>
export type Order = z.infer<typeof Order>
export type OrderStatus = Order['status']
export type OrderEvent = z.infer<typeof OrderEvent>
export type UserCopy = z.infer<typeof UserCopy>

/** All that user-service printed, sorted out; its events are oldest first. */
export interface UserRecords {
  users: User[]
  deposits: z.infer<typeof Deposit>[]
  holds: Hold[]
  /** Of users who were deleted, and not erased yet. */
  redactions: Redaction[]
  events: UserEvent[]
}

/** The same of order-service. */
export interface OrderRecords {
  orders: Order[]
  events: OrderEvent[]
  userCopies: UserCopy[]
  /** How far the feeds of others were followed. */
  positions: z.infer<typeof Position>[]
  parkedEvents: z.infer<typeof ParkedEvent>[]
}

export async function collectUserRecords(printed: AsyncIterable<unknown>): Promise<UserRecords> {
  const records: UserRecords = { users: [], deposits: [], holds: [], redactions: [], events: [] }
  for await (const record of parsed(OfUserService, printed, 'user-service')) {
    if (record.kind === 'user') records.users.push(record)
    else if (record.kind === 'deposit') records.deposits.push(record)
    else if (record.kind === 'hold') records.holds.push(record)
    else if (record.kind === 'redaction') records.redactions.push(record)
    else records.events.push(record)
  }
  return records
}

export async function collectOrderRecords(printed: AsyncIterable<unknown>): Promise<OrderRecords> {
  const records: OrderRecords = { orders: [], events: [], userCopies: [], positions: [], parkedEvents: [] }
  for await (const record of parsed(OfOrderService, printed, 'order-service')) {
    if (record.kind === 'order') records.orders.push(record)
    else if (record.kind === 'user-copy') records.userCopies.push(record)
    else if (record.kind === 'position') records.positions.push(record)
    else if (record.kind === 'parked-event') records.parkedEvents.push(record)
    else records.events.push(record)
  }
  return records
}

async function* parsed<T>(schema: z.ZodType<T>, printed: AsyncIterable<unknown>, service: string): AsyncGenerator<T> {
  for await (const record of printed) {
    const read = schema.safeParse(record)
    if (!read.success) throw new Error(`${service} printed ${JSON.stringify(record)}: ${z.prettifyError(read.error)}`)
    yield read.data
  }
}
