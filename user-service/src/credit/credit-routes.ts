import type { Database } from '@tandem/chassis/database/database'
import { created, noContent, ok } from '@tandem/chassis/http/response'
import { idempotencyKey } from '@tandem/chassis/http/idempotency-key'
import { route, type Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { id } from '@tandem/chassis/http/fields'
import { z } from 'zod'
import { deposit } from './deposit'
import { placeHold, placeHolds, releaseHold } from './holds'

const Amount = z
  .strictObject({ amountCents: z.int().min(1).max(1_000_000_000) })
  .meta({ id: 'Amount', examples: [{ amountCents: 5000 }] })
const HoldRequest = Amount.extend({ orderId: id, userId: id })
const HoldPath = z.strictObject({ id, orderId: id })

const userId = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'
const orderId = '0190f3c6-52ab-7f04-b7c2-0123456789ab'
const DepositResponse = z
  .strictObject({
    id: z.uuid(),
    userId: z.uuid(),
    amountCents: z.int(),
    creditCents: z.int().meta({ description: 'The credit of the user after this deposit' }),
    createdAt: z.iso.datetime(),
  })
  .meta({
    id: 'Deposit',
    examples: [
      {
        id: '0190f3c5-1c7d-7a60-9e1b-0123456789ab',
        userId,
        amountCents: 5000,
        creditCents: 105_000,
        createdAt: '2026-01-31T12:00:00.000Z',
      },
    ],
  })
const HoldResponse = z
  .strictObject({ orderId: z.guid(), userId: z.guid(), amountCents: z.int() })
  .meta({ id: 'Hold', examples: [{ orderId, userId, amountCents: 5000 }] })

const PlaceHolds = z
  .strictObject({ holds: z.array(HoldRequest).min(1).max(100) })
  .meta({ id: 'PlaceHolds', examples: [{ holds: [{ orderId, userId, amountCents: 5000 }] }] })
const HoldDecisions = z
  .strictObject({
    decisions: z.array(
      z.strictObject({
        orderId: z.guid(),
        decision: z.enum(['held', 'insufficient-credit', 'user-not-found', 'hold-mismatch', 'hold-released']),
      }),
    ),
  })
  .meta({ id: 'HoldDecisions', examples: [{ decisions: [{ orderId, decision: 'held' }] }] })

interface Deps {
  database: Database
  system: System
}

export function creditRoutes(deps: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/users/:id/deposits',
      operationId: 'deposit',
      summary: 'Add to the credit of a user, once for each Idempotency-Key',
      who: ['admin'],
      params: z.strictObject({ id }),
      headers: z.object({ 'idempotency-key': idempotencyKey }),
      body: Amount,
      responses: { 200: DepositResponse, 201: DepositResponse },
      responseHeaders: { 200: ['Idempotent-Replayed'] },
      problems: ['user-not-found', 'idempotency-key-reused'],
      handle: async ({ params, headers, body, caller }) => {
        const key = { callerId: caller.id, idempotencyKey: headers['idempotency-key'] }
        const made = await deposit(deps, { userId: params.id, ...body }, key)
        return made.replayed ? ok(made.deposit, { 'Idempotent-Replayed': 'true' }) : created(made.deposit)
      },
    }),
    route({
      method: 'put',
      path: '/users/:id/holds/:orderId',
      operationId: 'holdCredit',
      summary: 'Hold credit for an order: the first decision on its id is final',
      who: ['service'],
      params: HoldPath,
      body: Amount,
      responses: { 200: HoldResponse, 201: HoldResponse },
      problems: ['user-not-found', 'insufficient-credit', 'hold-mismatch', 'hold-released'],
      handle: async ({ params, body }) => {
        const hold = { orderId: params.orderId, userId: params.id, amountCents: body.amountCents }
        const { replayed } = await placeHold(deps, hold)
        return replayed ? ok(hold) : created(hold)
      },
    }),
    route({
      method: 'post',
      path: '/holds',
      operationId: 'holdCredits',
      summary: 'Hold credit for several orders at once, each as if it were alone',
      who: ['service'],
      body: PlaceHolds,
      responses: { 200: HoldDecisions },
      handle: async ({ body: { holds } }) => {
        const decided = await placeHolds(deps, holds)
        const decisions = holds.map((hold) => {
          const decision = decided.get(hold)
          return { orderId: hold.orderId, decision: decision === 'held-before' ? 'held' : decision }
        })
        return { ...ok({ decisions }), logged: { orders: holds.map(({ orderId }) => orderId) } }
      },
    }),
    route({
      method: 'delete',
      path: '/users/:id/holds/:orderId',
      operationId: 'releaseCredit',
      summary: 'Release the credit held for an order, and refuse a later hold',
      who: ['service'],
      params: HoldPath,
      responses: { 204: 'nothing' },
      problems: ['hold-mismatch'],
      handle: async ({ params }) => {
        await releaseHold(deps, { orderId: params.orderId, userId: params.id })
        return noContent
      },
    }),
  ]
}
