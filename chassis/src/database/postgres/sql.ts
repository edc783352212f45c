const numbered = new Map<string, string>()

/** The SQL of the stores as PostgreSQL reads it: with `$1` for the first `?`. No text of ours has a `?` in a literal. */
export function withNumbers(sql: string): string {
  let text = numbered.get(sql)
  if (text === undefined) {
    let last = 0
    text = sql.replace(/\?/g, () => `$${(last += 1)}`)
    numbered.set(sql, text)
  }
  return text
}
