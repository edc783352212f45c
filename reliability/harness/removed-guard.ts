/** A guard of the services, and the text of its source that takes it out: what a tool must notice. */
export interface Guard {
  /** A file of the repository, by the end of its path. */
  file: string
  from: string
  to: string
}

export type Guards = Readonly<Record<string, Guard>>
