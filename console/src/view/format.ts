export function money(cents: number): string {
  return (cents / 100).toFixed(2)
}

export function clock(time: number | string): string {
  return new Date(time).toLocaleTimeString('en-GB')
}

export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** The end of an id: the beginning of a UUIDv7 is the time. */
export function short(id: string): string {
  return id.slice(-6)
}

export function count(number: number): string {
  return number.toLocaleString('en-GB')
}
