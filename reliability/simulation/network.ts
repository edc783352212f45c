import { NoResponse, type Transport } from '@tandem/chassis/upstream/transport'
import type { Service } from './service'
import type { SimulatedAnswer, SimulatedRequest } from './dispatch'
import type { World } from './world'

/** What becomes of a request and its answer. Delays are in milliseconds. */
export interface Passage {
  request: 'arrives' | 'is-lost' | 'arrives-twice'
  requestDelay: number
  answer: 'arrives' | 'is-lost'
  answerDelay: number
}

const maxBacklogMs = 8_000
const undisturbed: Passage = { request: 'arrives', requestDelay: 1, answer: 'arrives', answerDelay: 1 }

/** A network that loses, delays and repeats what the story says; what is delayed long comes out of order. */
export class Network {
  disturbed = true
  readonly counts = { requests: 0, lost: 0, repeated: 0 }
  /** Answers that say that a service did what it never should. */
  readonly faults: string[] = []
  #next = 0
  #onTheirWay = 0

  constructor(
    private readonly world: World,
    /** One for each request, in turn and again from the first. */
    private readonly passages: readonly Passage[],
  ) {}

  /** How many requests that may change something have not been delivered yet. */
  get onTheirWay(): number {
    return this.#onTheirWay
  }

  /** Resolves with the response, or with why there is none; never resolves if it was lost. */
  send(from: string, to: Service, request: SimulatedRequest): Promise<SimulatedAnswer | 'refused' | 'reset'> {
    const passage = this.#passage()
    const { world } = this
    this.counts.requests += 1
    if (passage.request === 'is-lost' || passage.answer === 'is-lost') this.counts.lost += 1
    if (passage.request === 'arrives-twice') this.counts.repeated += 1
    const what = `${from} → ${to.name} ${request.method} ${request.path}`
    const weight = request.method === 'GET' ? 0 : 1
    return new Promise((resolve) => {
      const deliverAfter = (milliseconds: number) => {
        this.#onTheirWay += weight
        world.after(milliseconds, () => {
          this.#onTheirWay -= weight
          deliver()
        })
      }
      const deliver = () => {
        if (to.hangsFor > 0) {
          deliverAfter(to.hangsFor + world.random() * maxBacklogMs)
          return
        }
        const answered = to.answer(request)
        if (answered === undefined) {
          world.tell(`${what}: refused`)
          world.after(1, () => {
            resolve('refused')
          })
          return
        }
        void answered.then((answer) => {
          if (answer !== 'reset' && answer.status === 500) this.faults.push(`${what}: ${JSON.stringify(answer.body)}`)
          const told = answer === 'reset' ? answer : `${answer.status} ${codeOf(answer)}`
          world.tell(`${what}: ${told}${passage.answer === 'is-lost' ? ', lost' : ''}`)
          if (passage.answer === 'is-lost' && answer !== 'reset') return
          world.after(passage.answerDelay, () => {
            resolve(answer)
          })
        })
      }
      if (passage.request === 'is-lost') world.tell(`${what}: lost`)
      else deliverAfter(passage.requestDelay)
      if (passage.request === 'arrives-twice') deliverAfter(passage.requestDelay + passage.answerDelay * 3)
    })
  }

  /** As a service reaches another one. */
  transport(from: string, to: Service, caller: SimulatedRequest['caller'], isAlive: () => boolean): Transport {
    return {
      send: ({ method, path, headers, body }, timeoutMs) =>
        new Promise((resolve, reject) => {
          const request = {
            method,
            path,
            headers,
            caller,
            body: body === undefined ? undefined : (JSON.parse(body) as unknown),
          }
          const fail = (reason: string) => {
            if (isAlive()) reject(new NoResponse(reason))
          }
          this.world.after(timeoutMs, () => {
            fail('timeout')
          })
          void this.send(from, to, request).then((answer) => {
            if (answer === 'refused') fail('ECONNREFUSED')
            else if (answer === 'reset') fail('ECONNRESET')
            else if (isAlive())
              resolve({ status: answer.status, headers: lowerCase(answer.headers), body: text(answer) })
          })
        }),
      close: () => undefined,
    }
  }

  #passage(): Passage {
    const passage = this.passages[this.#next % this.passages.length]
    this.#next += 1
    return this.disturbed && passage ? passage : undisturbed
  }
}

function text({ body }: SimulatedAnswer): string {
  return body === undefined ? '' : JSON.stringify(body)
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function codeOf({ body }: SimulatedAnswer): string {
  const { code, status } = (body ?? {}) as { code?: string; status?: string }
  return code ?? status ?? ''
}
