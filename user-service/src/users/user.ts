export interface User {
  id: string
  name: string
  email: string
  creditCents: number
  /** Counts the changes of name and e-mail address. */
  version: number
  createdAt: string
  updatedAt: string
}
