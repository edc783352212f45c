/** How user-service is stopped and started again, and what runs a command in a container, where it runs in one. */
export interface Stack {
  runsBy: string
  stopping: string
  starting: string
  stop(): Promise<void>
  start(): Promise<void>
  /** Followed by the service and the command. */
  exec?: string[]
}

export function findStack(port: string): Promise<Stack>
