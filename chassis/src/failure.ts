import type { RefusalReason } from './auth/refusal-reason'
import type { commonProblemTypes } from './http/problem-types'

/** The problem codes, by who defines them. Services add their own here, so that a misspelt one does not compile. */
export interface ProblemCodes {
  common: keyof typeof commonProblemTypes
}

export type ProblemCode = ProblemCodes[keyof ProblemCodes]

export interface FieldError {
  /** A JSON Pointer (RFC 6901) into the body, or `/query/<name>`, `/path/<name>`, `/header/<name>`. */
  pointer: string
  detail: string
}

interface FailureOptions extends ErrorOptions {
  detail?: string
  /** For the log: the caller is not told why it is refused. */
  reason?: RefusalReason
  errors?: FieldError[]
  members?: Record<string, string>
  headers?: Record<string, string>
}

/** An error that the caller sees, by its code. It knows no status: the HTTP layer's table maps codes to statuses. */
export class Failure extends Error {
  readonly detail: string | undefined
  readonly reason: RefusalReason | undefined
  readonly errors: FieldError[] | undefined
  readonly members: Record<string, string>
  readonly headers: Record<string, string>

  constructor(
    readonly code: ProblemCode,
    { detail, reason, errors, members = {}, headers = {}, cause }: FailureOptions = {},
  ) {
    super(detail ?? code, { cause })
    this.name = 'Failure'
    this.detail = detail
    this.reason = reason
    this.errors = errors
    this.members = members
    this.headers = headers
  }
}

/** An error whose message is written for the operator, such as why a service cannot start. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
}
