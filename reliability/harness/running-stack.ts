import type { Answer, Request } from './ask'
import type { ServiceName } from './compose-stack'

/** What callers and checks need of a stack, whatever its size. */
export interface RunningStack {
  environment: NodeJS.ProcessEnv
  docker(...args: string[]): Promise<string>
  compose(...args: string[]): Promise<string>
  /** All containers, ready, with what they had on disk. */
  startStack(): Promise<void>
  /** Rejects if no complete response arrives in time. */
  ask(service: ServiceName, request: Request, withinMs?: number): Promise<Answer>
  adminKey(): Promise<string>
  /** How many orders are pending or cancelling. */
  unfinished(): Promise<number>
  /** How `npm run audit` finds it. */
  auditOptions: readonly string[]
}
