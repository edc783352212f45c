export interface Caller {
  id: string
  scopes: readonly string[]
}

export function mayActAs(caller: Caller, scope: string): boolean {
  return caller.scopes.includes(scope)
}
