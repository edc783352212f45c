import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { created, noContent, ok } from '@tandem/chassis/http/response'
import { idempotencyKey } from '@tandem/chassis/http/idempotency-key'
import { route, type Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { cents, id } from '@tandem/chassis/http/fields'
import { z } from 'zod'
import { deposit } from './deposit'
import { releaseCredit, holdCredit } from './hold-store'

const Amount = z.strictObject({ amountCents: cents })
const HoldPath = z.strictObject({ id, orderId: id })

const DepositAnswer = z.strictObject({
  id: z.uuid(),
  userId: z.uuid(),
  amountCents: z.int(),
  creditCents: z.int(),
  createdAt: z.iso.datetime(),
})
const HoldAnswer = z.strictObject({ orderId: z.guid(), userId: z.guid(), amountCents: z.int() })

interface Deps {
  database: Database
  system: System
}

export function creditRoutes({ database, system }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/users/:id/deposits',
      summary: 'Add to the credit of a user, once for each Idempotency-Key',
      who: ['admin'],
      params: z.strictObject({ id }),
      headers: z.object({ 'idempotency-key': idempotencyKey }),
      body: Amount,
      responses: { 200: DepositAnswer, 201: DepositAnswer },
      problems: ['user-not-found', 'idempotency-key-reused'],
      handle: async ({ params, headers, body, caller }) => {
        const key = { madeBy: caller.id, idempotencyKey: headers['idempotency-key'] }
        const made = await deposit({ database, system }, { userId: params.id, ...body }, key)
        return made.replayed ? ok(made.deposit, { 'Idempotent-Replayed': 'true' }) : created(made.deposit)
      },
    }),
    route({
      method: 'put',
      path: '/users/:id/holds/:orderId',
      summary: 'Hold credit for an order; the first decision on its id stands',
      who: ['service'],
      params: HoldPath,
      body: Amount,
      responses: { 200: HoldAnswer, 201: HoldAnswer },
      problems: ['user-not-found', 'insufficient-credit', 'hold-mismatch', 'hold-released'],
      handle: async ({ params, body }) => {
        const hold = { orderId: params.orderId, userId: params.id, amountCents: body.amountCents }
        const decision = await database.write((tx) => holdCredit(tx, system, hold))
        if (decision === 'held') return created(hold)
        if (decision === 'held-before') return ok(hold)
        throw new Failure(decision)
      },
    }),
    route({
      method: 'delete',
      path: '/users/:id/holds/:orderId',
      summary: 'Give back what is held for an order, or see to it that nothing ever is',
      who: ['service'],
      params: HoldPath,
      responses: { 204: 'nothing' },
      problems: ['hold-mismatch'],
      handle: async ({ params }) => {
        const { id: userId, orderId } = params
        const decision = await database.write((tx) => releaseCredit(tx, system, { orderId, userId }))
        if (decision === 'hold-mismatch') throw new Failure(decision)
        return noContent
      },
    }),
  ]
}
