import {
  NoResponse,
  type IncomingResponse,
  type OutgoingRequest,
  type Transport,
} from '@tandem/chassis/upstream/transport'

interface Sent {
  request: OutgoingRequest
  timeoutMs: number
  answer(status: number, body?: unknown, headers?: Record<string, string>): void
  fail(reason: string): void
  /** Fails in a way that no transport should. */
  explode(error: Error): void
}

/** A transport that sends nothing: the test sees what would go out, and says what comes back. */
export class ScriptedTransport implements Transport {
  readonly sent: Sent[] = []
  closed = false

  send(request: OutgoingRequest, timeoutMs: number): Promise<IncomingResponse> {
    return new Promise((resolve, reject) => {
      this.sent.push({
        request,
        timeoutMs,
        answer: (status, body = '', headers = {}) => {
          resolve({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
        },
        fail: (reason) => {
          reject(new NoResponse(reason))
        },
        explode: reject,
      })
    })
  }

  close(): void {
    this.closed = true
  }

  /** What was sent last. */
  get last(): Sent {
    const last = this.sent.at(-1)
    if (last === undefined) throw new Error('nothing was sent')
    return last
  }
}
