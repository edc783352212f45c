import request from 'supertest'
import { z } from 'zod'
import { created, noContent, ok } from '@tandem/chassis/http/response'
import { route, type Route } from '@tandem/chassis/http/route'
import { id, text } from '@tandem/chassis/http/fields'

export const Thing = z.strictObject({ name: text({ min: 1, max: 5 }), price: z.int().min(1).optional() })
export const uuid = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'

export const undescribed = { summary: 'for a test', responses: {} }

/** Routes that answer with what they were given. */
export const things: Route[] = [
  route({
    ...undescribed,
    method: 'post',
    path: '/things',
    who: ['user', 'admin'],
    body: Thing,
    handle: ({ body, caller }) => created({ body, caller: caller.id }, { Location: '/things/1' }),
  }),
  route({
    ...undescribed,
    method: 'get',
    path: '/things',
    who: 'anyone',
    query: z.strictObject({ limit: z.string().default('20'), after: id.optional() }),
    handle: ({ query, caller, requestId }) => ok({ query, caller, requestId }),
  }),
  route({
    ...undescribed,
    method: 'get',
    path: '/things/:id',
    who: 'anyone',
    params: z.strictObject({ id }),
    headers: z.object({ 'x-seen': z.string().optional() }),
    handle: ({ params, headers }) => ok({ ...params, seen: headers['x-seen'] }),
  }),
  route({ ...undescribed, method: 'delete', path: '/things/:id', who: ['admin'], handle: () => noContent }),
  route({
    ...undescribed,
    method: 'patch',
    path: '/optional',
    who: 'anyone',
    body: z.strictObject({ a: z.int().optional() }),
    handle: ({ body }) => ok(body),
  }),
]

/** That the answer is this problem, and nothing more. */
export function expectProblem(answer: request.Response, status: number, code: string, more: object = {}): void {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.body).toEqual({
    type: `/problems/${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    requestId: answer.headers['x-request-id'],
    ...more,
  })
  expect(answer.status).toBe(status)
}

export const errorsAt = (...pointers: string[]) => ({
  errors: pointers.map((pointer) => ({ pointer, detail: expect.any(String) })),
})
