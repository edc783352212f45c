import type { Secret } from './secrets'

export interface Leak {
  secret: string
  sink: string
  size: number
  isFound: boolean
  /** Why it may be there. */
  reason: string | undefined
  isLeak: boolean
  /** What stands beside it. */
  around: string
}

const context = 60

/** Each secret in each sink, as it is, in percent-encoding, or in base64. */
export function findLeaks(secrets: readonly Secret[], sinks: Readonly<Record<string, string>>): Leak[] {
  return Object.entries(sinks).flatMap(([sink, text]) => {
    if (text === '' && !sink.startsWith('trace')) throw new Error(`${sink} is empty: nothing could be found in it`)
    return secrets.map(({ name, value, allowed }): Leak => {
      const forms = [value, Buffer.from(value).toString('base64').slice(0, -4), Buffer.from(value).toString('hex')]
      const at = Math.max(...forms.map((form) => text.indexOf(form)))
      const reason = allowed[sink]
      const around = at === -1 ? '' : text.slice(Math.max(0, at - context), at).replace(/[^ -~]/g, '.')
      return {
        secret: name,
        sink,
        size: text.length,
        isFound: at !== -1,
        reason,
        isLeak: at !== -1 && reason === undefined,
        around,
      }
    })
  })
}
