import type { Response } from 'supertest'

/** Checks that the answer is the problem of this code, whole and with nothing else in it (RFC 9457). */
export function expectProblem(answer: Response, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  const { errors, ...rest } = answer.body
  expect(rest).toEqual({
    type: `/problems/${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    requestId: answer.headers['x-request-id'],
  })
  if (status !== 400) expect(errors).toBeUndefined()
}

/** Checks for a 400 that points at exactly these places. */
export function expectInvalid(answer: Response, ...pointers: string[]): void {
  expectProblem(answer, 400, 'invalid-request')
  const errors: { pointer: string }[] = answer.body.errors
  for (const error of errors) expect(error).toEqual({ pointer: expect.any(String), detail: expect.any(String) })
  expect([...new Set(errors.map(({ pointer }) => pointer))]).toEqual(pointers) // a place may have two faults
}
