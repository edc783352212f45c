export interface User {
  id: string
  name: string
  email: string
  creditCents: number
  /** Increases with each change of name or e-mail. */
  version: number
  createdAt: string
  updatedAt: string
}
