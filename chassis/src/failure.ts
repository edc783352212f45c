import type { RefusalReason } from './auth/refusal-reason'

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
  /** Further members of the problem that the caller is shown. */
  members?: Record<string, string>
  /** Header fields that go with it. */
  headers?: Record<string, string>
}

/** Something that the caller is told by its code. It knows no status: the HTTP layer has one table for that. */
export class Failure extends Error {
  readonly detail: string | undefined
  readonly reason: RefusalReason | undefined
  readonly errors: FieldError[] | undefined
  readonly members: Record<string, string>
  readonly headers: Record<string, string>

  constructor(
    readonly code: string,
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

/** Why a service cannot start, in words meant for whoever starts it. */
export class OperatorError extends Error {
  override readonly name = 'StartError'
}
