import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { created, noContent, ok } from '@tandem/chassis/http/answer'
import { requiredIdempotencyKey } from '@tandem/chassis/http/idempotency-key'
import { route, type Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { cents, id } from '@tandem/chassis/text'
import { z } from 'zod'
import { deposit } from './deposit'
import { releaseHold, takeHold } from './hold-store'

const Amount = z.strictObject({ amountCents: cents })
const HoldPath = z.strictObject({ id, orderId: id })

interface Deps {
  database: Database
  system: System
}

export function creditRoutes({ database, system }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/users/:id/deposits',
      who: ['admin'],
      params: z.strictObject({ id }),
      body: Amount,
      handle: async ({ params, body, caller, header }) => {
        const idempotencyKey = requiredIdempotencyKey(header)
        const key = { madeBy: caller.id, idempotencyKey }
        const made = await deposit({ database, system }, { userId: params.id, ...body }, key)
        return made.replayed ? ok(made.deposit, { 'Idempotent-Replayed': 'true' }) : created(made.deposit)
      },
    }),
    route({
      method: 'put',
      path: '/users/:id/holds/:orderId',
      who: ['service'],
      params: HoldPath,
      body: Amount,
      handle: async ({ params, body }) => {
        const hold = { orderId: params.orderId, userId: params.id, amountCents: body.amountCents }
        const decision = await database.write((tx) => takeHold(tx, system, hold))
        if (decision === 'held') return created(hold)
        if (decision === 'held-before') return ok(hold)
        throw new Failure(decision)
      },
    }),
    route({
      method: 'delete',
      path: '/users/:id/holds/:orderId',
      who: ['service'],
      params: HoldPath,
      handle: async ({ params }) => {
        const { id: userId, orderId } = params
        const decision = await database.write((tx) => releaseHold(tx, system, { orderId, userId }))
        if (decision === 'hold-mismatch') throw new Failure(decision)
        return noContent
      },
    }),
  ]
}
